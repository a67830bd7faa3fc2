"""Which category an agent means by a few letters typed while somebody talks. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ressort.core.tables import folded

type Entry = tuple[str, str, str]
"""Code, name, other words."""


def matching(typed: str, entries: Iterable[Entry]) -> list[str]:
    """Return the codes of the entries that answer to words, best first.

    Every word typed must begin a word of the entry, accents and case apart. An entry whose name is what was typed is
    alone; then those whose name answers, before those that only their other words bring; each in the order given.
    """
    wanted = folded(typed).split()
    if not wanted:
        return []
    rows = [(code, folded(name), folded(f"{code} {words}")) for code, name, words in entries]
    if exact := [code for code, name, __ in rows if name == " ".join(wanted)]:
        return exact[:1]
    named = [code for code, name, __ in rows if _begins(wanted, name)]
    others = [code for code, name, words in rows if code not in named and _begins(wanted, f"{name} {words}")]
    return named + others


def _begins(wanted: list[str], text: str) -> bool:
    words = text.split()
    return all(any(word.startswith(one) for word in words) for one in wanted)
