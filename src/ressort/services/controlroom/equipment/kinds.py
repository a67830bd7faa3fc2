"""Classes of equipment as data: what each observes, what it can be asked, and under which interlocks.

Adding a class is adding an entry here: tables, forms, checks and the map read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ressort.core.intake.catalogue import Spec

type Words = str | Promise
type Value = str | bool | float


@dataclass(frozen=True, slots=True)
class Rule:
    """An interlock: ``observed`` must be one of ``allowed``, well observed and at most ``fresh_s`` seconds old.

    Evaluated as the command leaves, and again while it is under way or held.
    """

    code: str
    observed: str
    allowed: tuple[str | bool, ...]
    fresh_s: float
    sentence: Words


@dataclass(frozen=True, slots=True)
class Param:
    """A whole number that a command carries."""

    name: str
    label: Words
    low: int
    high: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """Something a class of equipment can be asked.

    Parameters
    ----------
    observed, value : str
        What the device must say of itself before the command counts as confirmed; without ``value`` it is that of the
        parameter of the same name.
    dangerous : bool
        It can hurt somebody: state must be known and fresh, and a second operator or a declared emergency agrees.
    fallback : str
        What is asked when a hold ends, or when nothing confirmed a held command.
    inverse : str
        What undoes it.
    seconds : int
        How long the device has to confirm.
    """

    verb: str
    label: Words
    observed: str
    value: str | bool | float | None = None
    dangerous: bool = False
    holdable: bool = False
    fallback: str = ""
    inverse: str = ""
    seconds: int = 20
    params: tuple[Param, ...] = ()
    rules: tuple[Rule, ...] = ()
    icon: str = "play"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a second device, the witness, can see of the state of a class of equipment.

    Parameters
    ----------
    seen : Spec
        The property of the witness, under its usual name.
    lag_s : int
        How long the witness may be behind the device.
    sentence : str
        Says that both differ: ``%(says)s`` and ``%(sees)s`` are their words.
    words : mapping
        What compares, in words: values of both, or ``on`` and ``off``. A value that is not here says nothing.
    own_above, seen_above : float, optional
        Above that much a figure of the device, of the witness, is ``on``; what the device says between nothing and
        that much compares with nothing.
    """

    seen: Spec
    lag_s: int
    sentence: Words
    words: Mapping[str, Words]
    own_above: float | None = None
    seen_above: float | None = None

    def own(self, value: Value) -> str:
        """Return what the device claims, empty when that compares with nothing."""
        if self.own_above is not None and 0 < float(value) <= self.own_above:
            return ""
        return self._word(value, self.own_above)

    def others(self, value: Value) -> str:
        """Return what the witness sees."""
        return self._word(value, self.seen_above)

    def _word(self, value: Value, above: float | None) -> str:
        if isinstance(value, bool) or above is not None:
            value = "on" if float(value) > (above or 0.0) else "off"
        word = value if isinstance(value, str) else f"{value:.0f}"
        return word if word in self.words or not self.words else ""

    def told(self, word: str) -> str:
        """Return a word as people read it."""
        return str(self.words.get(word, word))


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of equipment. ``state`` is the property shown first; silent for ``stale_s`` seconds, it is stale.

    ``sight`` says what a witness can see of that state, None where nothing reasonable can.
    """

    code: str
    label: Words
    icon: str
    state: str
    observes: tuple[Spec, ...]
    can: tuple[Capability, ...] = ()
    parameters: tuple[Param, ...] = ()
    stale_s: int = 600
    sight: Sight | None = None

    def capability(self, verb: str) -> Capability | None:
        """Return a capability by its verb."""
        return next((one for one in self.can if one.verb == verb), None)


_FAULT = Spec("fault", "flag")
_SOUND = Rule(
    "controller-fault",
    "fault",
    (False,),
    120,
    _("Le contrôleur du carrefour signale un défaut, ou ne dit plus rien : la commande est interdite."),
)
_LOOP = Rule(
    "loop-not-free",
    "loop",
    ("free",),
    90,
    _("La boucle de présence n'est pas prouvée libre : la borne ne monte pas."),
)

_KINDS = (
    Kind(
        "signal_junction", _("Carrefour à feux"), "signal", "mode",
        (
            Spec("mode", "choice", choices=("normal", "flashing", "priority", "off", "fixed")), _FAULT,
            Spec("plan", low=0, high=16), Spec("stage", low=0, high=32),
        ),
        (
            Capability("normal", _("Cycle normal"), "mode", "normal", icon="undo"),
            Capability(
                "flash", _("Mettre au clignotant"), "mode", "flashing", dangerous=True, inverse="normal",
                fallback="normal", seconds=60, rules=(_SOUND,), icon="alert",
            ),
            Capability(
                "priority", _("Demander la priorité"), "mode", "priority", dangerous=True, holdable=True,
                inverse="normal", fallback="normal", seconds=60, params=(Param("approach", _("Branche"), 1, 8),),
                rules=(_SOUND,), icon="fast-forward",
            ),
            Capability(
                "hold", _("Garder la phase en cours"), "mode", "fixed", dangerous=True, holdable=True,
                inverse="normal", fallback="normal", seconds=60, rules=(_SOUND,), icon="pause",
            ),
            Capability(
                "plan", _("Changer de plan"), "plan", params=(Param("plan", _("Plan, 0 selon l'heure"), 0, 3),),
                icon="swap",
            ),
        ),
    ),
    Kind(
        "bollard", _("Borne"), "bollard", "position",
        (
            Spec("position", "choice", choices=("down", "up", "moving")),
            Spec("loop", "choice", choices=("free", "occupied")),
            Spec("mode", "choice", choices=("auto", "held")),
        ),
        (
            Capability(
                "lower", _("Abaisser"), "position", "down", holdable=True, fallback="auto", inverse="raise",
                icon="chevron-down",
            ),
            Capability(
                "raise", _("Relever"), "position", "up", dangerous=True, inverse="lower", fallback="lower",
                rules=(_LOOP,), icon="chevron-up",
            ),
            Capability("auto", _("Rendre à l'automatisme"), "mode", "auto", icon="undo"),
        ),
        (Param("power_cut", _("Sans courant : 0 reste, 1 descend"), 0, 1),),
        120,
        Sight(
            Spec("seen_position", "choice", choices=("down", "up")), 15,
            _("La borne se dit %(says)s, le témoin la voit %(sees)s."),
            {"down": _("abaissée"), "up": _("relevée")},
        ),
    ),
    Kind(
        "street_light", _("Point lumineux"), "sun", "level",
        (Spec("level", unit="%", low=0, high=100), Spec("power", unit="W", low=0, high=2000), _FAULT),
        (
            Capability(
                "dim", _("Régler l'intensité"), "level", params=(Param("level", _("Intensité"), 0, 100, "%"),),
                icon="sun",
            ),
        ),
        stale_s=1800,
        sight=Sight(
            Spec("seen_power", unit="W", low=0, high=2000), 30,
            _("Le point lumineux se dit %(says)s, le témoin le voit %(sees)s."),
            {"on": _("allumé"), "off": _("éteint")}, 9.0, 3.0,
        ),
    ),
    Kind(
        "cabinet", _("Armoire"), "box", "supply",
        (Spec("supply", "flag"), Spec("door", "choice", choices=("closed", "open"))),
    ),
    Kind(
        "message_sign", _("Panneau à messages"), "bell", "message",
        (Spec("message", low=0, high=99), _FAULT),
        (
            Capability(
                "show", _("Afficher un message"), "message", inverse="blank",
                params=(Param("message", _("Numéro du message"), 1, 99),), icon="bell",
            ),
            Capability("blank", _("Effacer"), "message", 0.0, icon="cross"),
        ),
        sight=Sight(
            Spec("seen_message", low=0, high=99), 30,
            _("Le panneau dit afficher le message %(says)s, le témoin lit le message %(sees)s."), {},
        ),
    ),
    Kind(
        "traffic_counter", _("Compteur de trafic"), "chart", "flow",
        (Spec("flow", unit="véh/h", low=0, high=8000), Spec("speed", unit="km/h", low=0, high=200),
         Spec("occupancy", unit="%", low=0, high=100)),
    ),
    Kind(
        "air_sensor", _("Capteur d'air"), "leaf", "no2",
        (Spec("no2", unit="µg/m³", low=0, high=1000), Spec("pm10", unit="µg/m³", low=0, high=1000),
         Spec("temperature", unit="°C", low=-40, high=60)),
        stale_s=1800,
    ),
    Kind(
        "car_park", _("Parc de stationnement"), "stop", "free",
        (Spec("free", low=0, high=10_000),),
        parameters=(Param("capacity", _("Places"), 1, 10_000),),
    ),
    Kind("camera", _("Caméra"), "eye", "online", (Spec("online", "flag"),)),
    Kind(
        "siren", _("Sirène"), "bell", "sounding",
        (Spec("sounding", "flag"),),
        (
            Capability(
                "sound", _("Déclencher"), "sounding", value=True, dangerous=True, holdable=True, inverse="silence",
                fallback="silence", icon="bell",
            ),
            Capability("silence", _("Faire taire"), "sounding", value=False, icon="minus"),
        ),
        stale_s=3600,
        sight=Sight(
            Spec("heard", "flag"), 10, _("La sirène se dit %(says)s, le témoin l'entend %(sees)s."),
            {"on": _("en marche"), "off": _("muette")},
        ),
    ),
    Kind(
        "vehicle", _("Véhicule"), "van", "available",
        (Spec("available", "flag"), Spec("lon", low=-180, high=180), Spec("lat", low=-90, high=90)),
        stale_s=300,
    ),
    Kind(
        "building_alarm", _("Alarme de bâtiment"), "home", "alarm",
        (Spec("alarm", "flag"), Spec("armed", "flag")),
        stale_s=3600,
    ),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {one.code: one for one in _KINDS}
CHOICES = [(one.code, one.label) for one in _KINDS]

VALUES: Mapping[tuple[str, str], Words] = {
    ("mode", "normal"): _("cycle normal"),
    ("mode", "flashing"): _("clignotant"),
    ("mode", "priority"): _("priorité donnée"),
    ("mode", "off"): _("éteint"),
    ("mode", "fixed"): _("phase gardée"),
    ("mode", "auto"): _("automatique"),
    ("mode", "held"): _("tenue"),
    ("position", "down"): _("abaissée"),
    ("position", "up"): _("relevée"),
    ("position", "moving"): _("en mouvement"),
    ("seen_position", "down"): _("abaissée"),
    ("seen_position", "up"): _("relevée"),
    ("loop", "free"): _("libre"),
    ("loop", "occupied"): _("occupée"),
    ("door", "closed"): _("fermée"),
    ("door", "open"): _("ouverte"),
}
NAMES: Mapping[str, Words] = {
    "mode": _("Mode"),
    "fault": _("Défaut"),
    "plan": _("Plan"),
    "stage": _("Phase"),
    "position": _("Position"),
    "loop": _("Boucle de présence"),
    "level": _("Intensité"),
    "power": _("Puissance"),
    "supply": _("Sous tension"),
    "door": _("Porte"),
    "message": _("Message affiché"),
    "flow": _("Débit"),
    "speed": _("Vitesse"),
    "occupancy": _("Occupation"),
    "no2": _("Dioxyde d'azote"),
    "pm10": _("Particules fines"),
    "temperature": _("Température"),
    "free": _("Places libres"),
    "online": _("En ligne"),
    "sounding": _("Retentit"),
    "available": _("Disponible"),
    "lon": _("Longitude"),
    "lat": _("Latitude"),
    "alarm": _("Alarme"),
    "armed": _("Armée"),
    "seen_position": _("Position vue"),
    "seen_power": _("Puissance mesurée"),
    "seen_message": _("Message lu"),
    "heard": _("Entendue"),
}
