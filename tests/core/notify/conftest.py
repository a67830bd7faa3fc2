"""What the tests of the messages stand on: kinds of their own, and carriers that really listen."""

from __future__ import annotations

import pytest

from ressort.core.notify import kinds
from ressort.core.notify.kinds import MessageKind, Text
from tests.core.notify.carriers import gateway

__all__ = ["gateway"]


def write(context):
    return Text("Titre", f"Corps pour {context}.", f"court {context}.", "/transport/", "Voir", "ABC-DEF-GHJ")


WAYS = ("email", "sms", "push", "letter")
KINDS = (
    MessageKind("test.note", "test", "Essais", write, by=WAYS),
    MessageKind("test.alert", "test", "Essais", write, urgent=True, by=WAYS),
    MessageKind("test.brief", "test", "Essais", write, urgent=True, brief=True),
)


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    """Know these kinds for one test only: pages and the reference list whatever is declared."""
    monkeypatch.setattr(kinds, "_kinds", {**kinds.known(), **{kind.name: kind for kind in KINDS}})
