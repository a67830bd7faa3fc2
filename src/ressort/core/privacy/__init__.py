"""What is kept of people, declared once beside each table: why, by what right, how long, and what happens then.

The public register, the page « Mes données », the retention work and a test that finds what was forgotten all read
these declarations; nothing else says how long anything is kept.
"""

from ressort.core.privacy.register import (
    PUBLIC_INTEREST,
    End,
    Holding,
    blank,
    erase,
    holdings,
    impersonal,
    keep_of,
    keeps,
    not_personal,
    personal,
    through,
)

__all__ = [
    "PUBLIC_INTEREST",
    "End",
    "Holding",
    "blank",
    "erase",
    "holdings",
    "impersonal",
    "keep_of",
    "keeps",
    "not_personal",
    "personal",
    "through",
]
