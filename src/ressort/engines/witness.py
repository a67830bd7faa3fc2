"""Two voices of one thing: what a device says of itself, and what a second one sees of it.

Neither is believed the more. They contradict each other once both have spoken, and differed, for longer than the second
may lag behind; they agree again by the same rule. Silence accuses nobody. Instants are whole milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Voice(StrEnum):
    """Who speaks."""

    DEVICE = "device"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known of the two.

    Attributes
    ----------
    claim, sight : str
        The last word of the device and of the witness; empty: it says nothing that compares.
    claim_at, sight_at : int
        When that word was last spoken.
    since : int, optional
        Since when the two have stood as they do.
    contradicted : bool
        The last thing that was proved.
    """

    claim: str = ""
    claim_at: int = 0
    sight: str = ""
    sight_at: int = 0
    since: int | None = None
    contradicted: bool = False


def hear(known: Hearing, voice: Voice, word: str, at: int, lag: int) -> Hearing:
    """Return what is known once one of the two has spoken.

    Parameters
    ----------
    word : str
        What it says, empty for nothing that compares: a device on its way, a bad measurement.
    at : int
        When it was observed; what comes later than a newer word is let go.
    lag : int
        By how much the witness may be behind, milliseconds.
    """
    device = voice == Voice.DEVICE
    if at <= (known.claim_at if device else known.sight_at):
        return known
    changed = word != (known.claim if device else known.sight)
    now = replace(known, claim=word, claim_at=at) if device else replace(known, sight=word, sight_at=at)
    if not (now.claim and now.sight):
        return replace(now, since=None)
    since = max(now.claim_at, now.sight_at) if changed or now.since is None else now.since
    if min(now.claim_at, now.sight_at) >= since + lag:
        return replace(now, since=since, contradicted=now.claim != now.sight)
    return replace(now, since=since)
