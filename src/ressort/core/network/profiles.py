"""Who travels: the costing that Valhalla applies to each profile.

``emergency`` is a car that may pass bollards and go against one-way streets (``ignore_access``): Valhalla has no
such costing, and its ``emergency=yes`` tags change nothing. The bollards on its way are read from the inventory and
lowered by command.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of travelling.

    Parameters
    ----------
    costing : str
        Valhalla's name.
    options : dict
        Its options.
    motor : bool
        Whether live speeds apply.
    """

    costing: str
    options: dict[str, Any] = field(default_factory=dict)
    motor: bool = True


PROFILES: dict[str, Profile] = {
    "car": Profile("auto"),
    # A minibus with passengers: keeps off tracks and narrow service roads, brakes earlier at turns.
    "van": Profile(
        "auto", {"top_speed": 100, "service_penalty": 60, "use_tracks": 0.0, "maneuver_penalty": 8}
    ),
    "emergency": Profile("auto", {"ignore_access": True, "maneuver_penalty": 1, "service_penalty": 0}),
    "foot": Profile("pedestrian", {"walking_speed": 4.3}, motor=False),
    "bike": Profile("bicycle", {"bicycle_type": "Hybrid", "cycling_speed": 16}, motor=False),
}


def profile(name: str) -> Profile:
    """Return a profile; raises ValueError naming those that exist."""
    if name not in PROFILES:
        raise ValueError(f"Profil « {name} » inconnu : {', '.join(PROFILES)}.")
    return PROFILES[name]
