"""Errors that people read: a sentence in French, a stable code for machines (RFC 9457)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import Promise

type Words = str | Promise  # a French sentence or label, translated when it is read


def translated(message: str) -> str:
    """Return ``gettext(message)``, for the modules that programs apart run without Django: it is imported late."""
    from django.utils.translation import gettext

    return gettext(message)


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """An action was refused, and the sentence says what is wrong, where, and what to do.

    Parameters
    ----------
    code : str
        Stable, lower-case, with hyphens: ``past-time``. Machines match on it.
    sentence : str
        Complete, addressed to the person who asked, in their language: it is settled as the refusal is made.
    status : int
        HTTP status of the answer: 400 malformed, 403 forbidden, 404 unknown, 409 conflict, 422 refused.
    field : str
        Name of the form or JSON field concerned, empty if none.
    """

    def __init__(self, code: str, sentence: Words, *, status: int = 422, field: str = "") -> None:
        super().__init__(str(sentence))
        self.code = code
        self.sentence = str(sentence)
        self.status = status
        self.field = field

    def problem(self) -> dict[str, object]:
        """Return the RFC 9457 document of this refusal."""
        found: dict[str, object] = {
            "type": f"urn:ressort:{self.code}",
            "title": self.sentence,
            "status": self.status,
            "code": self.code,
        }
        if self.field:
            found["field"] = self.field
        return found


class Unknown(Refused):
    """Something asked for does not exist, or is not for this person to know of."""

    def __init__(self, what: str, sentence: Words) -> None:
        super().__init__(f"unknown-{what}", sentence, status=404)


class Forbidden(Refused):
    """The policy table says no."""

    def __init__(self, sentence: Words) -> None:
        super().__init__("forbidden", sentence, status=403)
