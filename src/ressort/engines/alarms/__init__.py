"""Rules over observations, the alarms they raise, and what is usual: pure, fed with instants and values."""

from ressort.engines.alarms.judge import Change, Judge
from ressort.engines.alarms.rules import All, Condition, Rate, Rule, Schedule, Silent, Some, Threshold
from ressort.engines.alarms.storms import Storm, storms

__all__ = [
    "All",
    "Change",
    "Condition",
    "Judge",
    "Rate",
    "Rule",
    "Schedule",
    "Silent",
    "Some",
    "Storm",
    "Threshold",
    "storms",
]
