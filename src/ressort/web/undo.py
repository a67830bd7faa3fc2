"""Undoing what can be undone: the sentence that says a thing is done carries the form that takes it back.

Undoing is an action like another, with its rights, its refusals and its event: nothing is silently restored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest

_MARK = "undo "


@dataclass(frozen=True, slots=True)
class Undo:
    """The form that takes a deed back."""

    url: str
    fields: Mapping[str, str]


def said(request: HttpRequest, sentence: str, url: str, fields: Mapping[str, Any]) -> None:
    """Say that a thing is done, with the way back.

    Parameters
    ----------
    url : str
        Where the way back is posted.
    fields : mapping of field -> value
        What it posts; false and empty values are left out, as a browser does for an unticked box.
    """
    kept = {
        name: "on" if value is True else str(value) for name, value in fields.items() if value or value == 0
    }
    kept = {name: value for name, value in kept.items() if value != "False"}
    messages.success(request, sentence, extra_tags=_MARK + json.dumps({"url": url, "fields": kept}))


def before(form: Form) -> dict[str, Any]:
    """Return what a form of a thing posts to put it back as it was when the form was made."""
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}


def of(message: Any) -> Undo | None:
    """Return the way back that a message carries, if it has one."""
    tags = str(getattr(message, "extra_tags", "") or "")
    if not tags.startswith(_MARK):
        return None
    kept = json.loads(tags.removeprefix(_MARK))
    return Undo(kept["url"], kept["fields"])
