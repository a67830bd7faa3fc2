"""The alphabet of SMS (GSM 03.38): 160 characters in one message, if every character is in it."""

from __future__ import annotations

import unicodedata
from typing import Final

LENGTH: Final = 160
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("^{}\\[~]|€")  # each takes two places
_SAID: Final = {
    "«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "‘": "'", "…": "...", "–": "-", "—": "-", "−": "-", "→": ">",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "·": "-", "•": "-", "œ": "oe", "Œ": "OE", "ç": "c", "`": "'", "\t": " ",
}  # fmt: skip


def folded(text: str) -> str:
    """Return a text with only characters of the alphabet: accents it lacks are dropped, the rest becomes « ? »."""
    text = text.replace("« ", "«").replace(" »", "»").replace("«\u00a0", "«").replace("\u00a0»", "»")
    return "".join(_fold(char) for char in unicodedata.normalize("NFC", text))


def _fold(char: str) -> str:
    if char in _BASIC or char in _EXTENDED:
        return char
    if char in _SAID:
        return _SAID[char]
    bare = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c))
    return bare if bare and all(c in _BASIC for c in bare) else "?"


def places(text: str) -> int:
    """Return how many places a folded text takes.

    Raises
    ------
    ValueError
        If a character is not of the alphabet.
    """
    if strange := set(text) - _BASIC - _EXTENDED:
        raise ValueError(f"not of the SMS alphabet: {sorted(strange)}")
    return sum(2 if char in _EXTENDED else 1 for char in text)


def fitted(text: str, tail: str = "") -> str:
    """Return text and tail as one SMS: the text is cut at a word if need be, the tail (a link) never."""
    text, tail = folded(text).strip(), folded(tail).strip()
    room = LENGTH - (places(tail) + 1 if tail else 0)
    if places(text) > room:
        while text and places(text) > room - 3:
            text = text[:-1]
        text = f"{text.rsplit(' ', 1)[0].rstrip(' ,;:.-')}..."
    return f"{text} {tail}" if tail else text
