"""Decision receipts: every automated decision can be shown, replayed and contested.

A receipt keeps what the pure engine received (pseudonymous), its version and seed. Replaying it calls the same
engine function again; the answer must be the same to the letter.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal.chain import canonical
from ressort.core.journal.models import Receipt

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U to misread

Replayer = Callable[[dict[str, Any], int], Any]
_replayers: dict[str, tuple[Replayer, Callable[[], str]]] = {}


@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome of a replay: ``same`` answer or not, by which engine versions."""

    number: str
    same: bool
    then: Any
    now: Any
    version_then: str
    version_now: str


def replayer(kind: str, version: Callable[[], str]) -> Callable[[Replayer], Replayer]:
    """Register the function that recomputes receipts of ``kind`` from their inputs and seed."""

    def register(function: Replayer) -> Replayer:
        _replayers[kind] = (function, version)
        return function

    return register


def number() -> str:
    """Return a new receipt number: short enough to read out, too long to guess (50 bits)."""
    text = "".join(secrets.choice(_ALPHABET) for __ in range(10))
    return f"R-{text[:5]}-{text[5:]}"


def keep(
    kind: str,
    *,
    engine: str,
    inputs: Mapping[str, Any],
    answer: Any,
    words: Mapping[str, str],
    seed: int = 0,
    subject: str = "",
) -> Receipt:
    """Keep a decision and return its receipt. Call inside the transaction that acts on it."""
    return Receipt.objects.create(
        number=number(),
        kind=kind,
        at=service_now(),
        subject=subject,
        engine=engine,
        engine_version=_replayers[kind][1](),
        seed=seed,
        inputs=zlib.compress(canonical(inputs).encode(), 6),
        answer=canonical(answer),
        words=canonical(words),
    )


def find(asked: str) -> Receipt:
    """Return a receipt by its number, however it was typed.

    Raises
    ------
    Unknown
        If there is none.
    """
    text = asked.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    kept = "".join(c for c in text if c in _ALPHABET)
    if len(kept) == 11 and kept[0] == "R":
        kept = kept[1:]
    receipt = Receipt.objects.filter(number=f"R-{kept[:5]}-{kept[5:]}").first()
    if receipt is None:
        raise Unknown(
            "receipt",
            _("Aucun reçu ne porte le numéro « %(asked)s ». Vérifiez les dix caractères.")
            % {"asked": asked[:20]},
        )
    return receipt


def forget(subjects: Iterable[str]) -> int:
    """Erase what the engine received for these subjects: a person asked to be erased. The decision stays, in words."""
    return Receipt.objects.filter(subject__in=list(subjects)).exclude(inputs=b"").update(inputs=b"")


def inputs(receipt: Receipt) -> dict[str, Any]:
    """Return what the engine received.

    Raises
    ------
    Refused
        When its time was over, or the person asked for it to be erased.
    """
    if not receipt.inputs:
        raise Refused(
            "inputs-erased",
            _("Ce que le calcul avait reçu n'est plus gardé : il peut être lu en mots, plus être refait."),
            status=410,
        )
    return dict(json.loads(zlib.decompress(receipt.inputs)))


def replay(asked: str) -> Replay:
    """Recompute a decision and say whether the answer is the same."""
    receipt = find(asked)
    run, version = _replayers[receipt.kind]
    then = json.loads(receipt.answer)
    again = json.loads(canonical(run(inputs(receipt), receipt.seed)))
    return Replay(receipt.number, again == then, then, again, receipt.engine_version, version())
