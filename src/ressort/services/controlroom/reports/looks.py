"""States of reports as people see them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.web.states import State, declare

LOOKS = {
    "controlroom.received": State(_("Reçu"), "info", "ring-dashed", outline=True),
    "controlroom.taken": State(_("Pris en charge"), "info", "half"),
    "controlroom.planned": State(_("Planifié"), "info", "calendar"),
    "controlroom.done": State(_("Réparé"), "ok", "check-circle"),
    "controlroom.refused": State(_("Sans suite"), "idle", "cross-circle"),
    "controlroom.merged": State(_("Joint à un autre"), "idle", "layers"),
    "controlroom.late": State(_("Délai dépassé"), "bad", "alert"),
}
declare(LOOKS)
