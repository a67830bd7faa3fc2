"""Sentences kept in French, said again in the reader's language: receipts, refusals, steps of a job, faults of a message.

What is kept is what was said, in French, and it never changes: its digest and its replay stand. Every such sentence
comes from a marked message (``gettext_noop("… %(n)s …") % {…}``), so the same message, found again with its values, says
it in another language. A sentence that no message explains is shown as it was kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import get_language, gettext, trans_real

from ressort.core.errors import Words

_VALUE = re.compile(r"%\((\w+)\)[sd]")


def retold(sentence: str) -> str:
    """Return a kept sentence, or several in a row, in the reader's language."""
    language = (get_language() or "fr")[:2]
    if language == "fr" or not sentence:
        return sentence
    if (whole := _whole(sentence, language)) is not None:
        return whole
    parts = re.split(r"(?<=[.!?]) ", sentence)
    said = [_whole(part, language) for part in parts]
    return " ".join(new or old for new, old in zip(said, parts, strict=True))


def retold_words(words: Mapping[str, str]) -> dict[str, str]:
    """Return the words of a receipt in the reader's language."""
    return {key: retold(value) for key, value in words.items()}


def in_both(words: Words) -> set[str]:
    """Return words in the reader's language and in French: a file exported in one is read in the other."""
    said = str(words)
    with translation.override("fr"):
        return {said, str(words)}


def _whole(sentence: str, language: str) -> str | None:
    if (said := gettext(sentence)) != sentence:
        return said
    for pattern, message in _patterns(language):
        if found := pattern.fullmatch(sentence):
            return gettext(message) % found.groupdict()
    return None


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return every message that holds values as a pattern, the most telling first."""
    found: list[tuple[int, re.Pattern[str], str]] = []
    catalogue: Any = trans_real.translation(language)
    known = catalogue._catalog  # noqa: SLF001 - the only list of the messages there is
    for message in known.keys():  # noqa: SIM118 - a chain of catalogues, which has keys() only
        if not isinstance(message, str) or not _VALUE.search(message):
            continue
        names, pattern, at = set(), "", 0
        for value in _VALUE.finditer(message):
            pattern += re.escape(message[at : value.start()].replace("%%", "%"))
            pattern += f"(?P={value[1]})" if value[1] in names else f"(?P<{value[1]}>.+?)"
            names.add(value[1])
            at = value.end()
        pattern += re.escape(message[at:].replace("%%", "%"))
        letters = len(re.findall(r"\w", _VALUE.sub("", message)))
        if letters > 5:  # a message that is nearly all value would explain anything
            found.append((letters, re.compile(pattern, re.DOTALL), message))
    return [(pattern, message) for _, pattern, message in sorted(found, key=lambda one: -one[0])]
