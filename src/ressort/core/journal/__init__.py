"""The journal: append-only, chained by hash, the truth of what happened.

``record`` writes one event inside the caller's transaction; ``follow`` and ``consume`` read them in order.
Payloads hold pseudonymous ids, numbers and codes only, so that erasing a person leaves the chain valid.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ressort.core.journal.kinds import Kind, declare, declared
    from ressort.core.journal.reading import consume, follow, tail
    from ressort.core.journal.recording import correlated, correlation_id, record, recorded

_HOME = {
    **dict.fromkeys(("Kind", "declare", "declared"), "kinds"),
    **dict.fromkeys(("consume", "follow", "tail"), "reading"),
    **dict.fromkeys(("correlated", "correlation_id", "record", "recorded"), "recording"),
}

__all__ = [
    "Kind",
    "consume",
    "correlated",
    "correlation_id",
    "declare",
    "declared",
    "follow",
    "record",
    "recorded",
    "tail",
]


def __getattr__(name: str) -> Any:
    """Import on first use: models cannot be imported while Django is still loading its applications."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
