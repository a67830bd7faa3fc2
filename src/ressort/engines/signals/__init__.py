"""Traffic signals: a junction as data, the controller that runs it second by second, and the monitor above it.

Instants are whole seconds. Nothing here reads a clock. Rules of the road: IISR part 6 (minimum green of 6 s, yellow of
3 s, a pedestrian clears at 1 m/s, nobody waits more than 120 s); words of a request: NTCIP 1202.
"""

from __future__ import annotations

from ressort.engines.signals.controller import (
    LONGEST,
    Asked,
    Mode,
    Running,
    ask,
    begun,
    lamps,
    step,
)
from ressort.engines.signals.junction import Group, Junction, Lamp, Plan, Span, Stage, faults

__all__ = [
    "LONGEST",
    "Asked",
    "Group",
    "Junction",
    "Lamp",
    "Mode",
    "Plan",
    "Running",
    "Span",
    "Stage",
    "ask",
    "begun",
    "faults",
    "lamps",
    "step",
]
