"""Bundles as people see them: the states of this part."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from ressort.web import states
from ressort.web.states import State

_STATES = {
    "bundle.making": State(gettext_lazy("En préparation"), "info", "hourglass", outline=True),
    "bundle.ready": State(gettext_lazy("Prête"), "ok", "check"),
    "bundle.printed": State(gettext_lazy("Imprimée"), "ok", "check-circle"),
    "bundle.failed": State(gettext_lazy("Échec"), "bad", "alert"),
    "bundle.gone": State(gettext_lazy("Effacée"), "idle", "minus"),
}
states.declare(_STATES)
