"""What the tests of the messages stand on: kinds of their own, and carriers that really listen."""

from __future__ import annotations

from ressort.core.notify import kinds
from ressort.core.notify.kinds import MessageKind, Text
from tests.core.notify.carriers import gateway

__all__ = ["gateway"]


def write(context):
    return Text("Titre", f"Corps pour {context}.", f"court {context}.", "/transport/", "Voir", "ABC-DEF-GHJ")


for urgent, name in ((False, "test.note"), (True, "test.alert")):
    kinds.register(
        MessageKind(name, "test", "Essais", write, urgent=urgent, by=("email", "sms", "push", "letter"))
    )
kinds.register(MessageKind("test.brief", "test", "Essais", write, urgent=True, brief=True))
