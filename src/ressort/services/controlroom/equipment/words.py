"""Equipment as people see it: the one state that the house does not know."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.web import states
from ressort.web.states import State

STATES = {"equipment.contradicted": State(_("Contredit"), "bad", "swap", outline=True)}
states.declare(STATES)
