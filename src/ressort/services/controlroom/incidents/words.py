"""Incidents as people see them: the states of this part, and the shapes of priorities."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.services.controlroom.incidents.clocks import Clock
from ressort.web import states, words
from ressort.web.states import State

PREFIX = "controlroom"

_STATES = {
    f"{PREFIX}.new": State(gettext_lazy("À prendre en charge"), "warn", "ring-dashed", outline=True),
    f"{PREFIX}.taken": State(gettext_lazy("En cours"), "info", "half"),
    f"{PREFIX}.closed": State(gettext_lazy("Clos"), "idle", "check"),
    f"{PREFIX}.merged": State(gettext_lazy("Fusionné"), "idle", "layers"),
    f"{PREFIX}.vital": State(gettext_lazy("Vitale"), "bad", "alert"),
    f"{PREFIX}.high": State(gettext_lazy("Haute"), "warn", "chevron-up"),
    f"{PREFIX}.normal": State(gettext_lazy("Normale"), "info", "dot"),
    f"{PREFIX}.low": State(gettext_lazy("Basse"), "idle", "chevron-down"),
    f"{PREFIX}.clock.running": State(gettext_lazy("Dans les temps"), "info", "clock", outline=True),
    f"{PREFIX}.clock.soon": State(gettext_lazy("Bientôt dépassé"), "warn", "hourglass"),
    f"{PREFIX}.clock.over": State(gettext_lazy("Dépassé"), "bad", "alert"),
    f"{PREFIX}.clock.kept": State(gettext_lazy("Délai tenu"), "ok", "check"),
    f"{PREFIX}.clock.missed": State(gettext_lazy("Délai manqué"), "idle", "cross"),
    f"{PREFIX}.exercise": State(gettext_lazy("EXERCICE"), "controlroom", "eye", outline=True),
    f"{PREFIX}.watch": State(gettext_lazy("Vigilance"), "warn", "eye"),
    f"{PREFIX}.alert": State(gettext_lazy("Alerte"), "bad", "bell"),
    f"{PREFIX}.crisis": State(gettext_lazy("Crise"), "bad", "alert"),
    f"{PREFIX}.draft": State(gettext_lazy("Brouillon"), "idle", "edit", outline=True),
    f"{PREFIX}.published": State(gettext_lazy("En vigueur"), "ok", "check-circle"),
    f"{PREFIX}.replaced": State(gettext_lazy("Remplacée"), "idle", "swap"),
    f"{PREFIX}.withdrawn": State(gettext_lazy("Retirée"), "idle", "minus"),
    f"{PREFIX}.running": State(gettext_lazy("En cours"), "info", "half"),
    f"{PREFIX}.done": State(gettext_lazy("Terminée"), "ok", "check"),
    f"{PREFIX}.stopped": State(gettext_lazy("Arrêtée"), "idle", "cross-circle"),
}
states.declare(_STATES)


def taking(clock: Clock) -> str:
    """Return the words of the first clock: « prise en charge : reste 4 min »."""
    time = words.duration(abs(clock.seconds))
    return {
        "running": _("prise en charge : reste %(time)s"),
        "soon": _("prise en charge : plus que %(time)s"),
        "over": _("prise en charge : dépassée de %(time)s"),
        "kept": _("pris en charge dans les temps"),
        "missed": _("pris en charge avec %(time)s de retard"),
    }[clock.state] % {"time": time}


def solving(clock: Clock) -> str:
    """Return the words of the second clock: « résolution : reste 3 h »."""
    time = words.duration(abs(clock.seconds))
    return {
        "running": _("résolution : reste %(time)s"),
        "soon": _("résolution : plus que %(time)s"),
        "over": _("résolution : dépassée de %(time)s"),
        "kept": _("terminé dans les temps"),
        "missed": _("terminé avec %(time)s de retard"),
    }[clock.state] % {"time": time}
