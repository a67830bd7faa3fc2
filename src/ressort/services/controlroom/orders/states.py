"""The one state machine of a work order. Pure: states and deeds are words, nothing is read nor written."""

from __future__ import annotations

DRAFTED, ASSIGNED, ACCEPTED, DECLINED = "drafted", "assigned", "accepted", "declined"
ON_WAY, ON_SITE, DONE, FAILED = "on_way", "on_site", "done", "failed"
CLOSED, CANCELLED = "closed", "cancelled"

OPEN = (DRAFTED, ASSIGNED, ACCEPTED, DECLINED, ON_WAY, ON_SITE)
"""Something is still to be done in the street."""
HELD = (ASSIGNED, ACCEPTED, ON_WAY, ON_SITE)
"""A crew has it."""
OVER = (DONE, FAILED)
"""The crew is through; somebody has yet to look at it."""

MOVES: dict[str, dict[str, str]] = {
    # what the console does
    "assign": dict.fromkeys((*OPEN, FAILED), ASSIGNED),
    "unassign": dict.fromkeys((ASSIGNED, ACCEPTED, DECLINED), DRAFTED),
    "check": dict.fromkeys(OVER, CLOSED),
    "return": dict.fromkeys((*OVER, CLOSED), ASSIGNED),
    "cancel": dict.fromkeys((*OPEN, FAILED), CANCELLED),
    "restore": {CANCELLED: DRAFTED},
    # what the crew does; whoever leaves without a word of acceptance has accepted
    "accept": {ASSIGNED: ACCEPTED},
    "decline": dict.fromkeys((ASSIGNED, ACCEPTED), DECLINED),
    "leave": dict.fromkeys((ASSIGNED, ACCEPTED), ON_WAY),
    "arrive": dict.fromkeys((ASSIGNED, ACCEPTED, ON_WAY), ON_SITE),
    "finish": dict.fromkeys((ASSIGNED, ACCEPTED, ON_WAY, ON_SITE), DONE),
    "fail": dict.fromkeys((ACCEPTED, ON_WAY, ON_SITE), FAILED),
    "take_back": {
        ACCEPTED: ASSIGNED,
        DECLINED: ASSIGNED,
        ON_WAY: ACCEPTED,
        ON_SITE: ON_WAY,
        DONE: ON_SITE,
        FAILED: ON_SITE,
    },
}
"""Deed -> state it is possible in -> state it leads to."""

CREW = ("accept", "decline", "leave", "arrive", "finish", "fail", "take_back")
"""Deeds of the crew; the others are the console's."""


def after(state: str, deed: str) -> str | None:
    """Return the state that a deed leads to, None where it is not possible."""
    return MOVES.get(deed, {}).get(state)


def possible(state: str) -> list[str]:
    """Return the deeds that a state allows, in the order of the table."""
    return [deed for deed, ways in MOVES.items() if state in ways]
