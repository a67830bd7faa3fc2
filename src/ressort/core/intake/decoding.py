"""Which decoder reads the frames of a device: tried on a frame, then chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.intake import catalogue
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.decoders import Decoder, Undecodable, Value, decode
from ressort.core.intake.formats import KNOWN
from ressort.core.intake.models import Device
from ressort.core.intake.uplinks import EUI
from ressort.core.journal import declare, record

declare("intake.decoder.chosen", "Décodeur de {code} : {decoder}.", "code", "decoder", "observed")


@dataclass(frozen=True, slots=True)
class Tried:
    """A value of a frame that was tried, and whether its property is declared."""

    value: Value
    declared: bool


def find(code: str) -> Decoder | None:
    """Return a decoder, or None for no code."""
    if not code:
        return None
    if code not in KNOWN:
        raise Refused("unknown-decoder", _("Choisissez un décodeur de la liste."), field="decoder")
    return KNOWN[code]


def frame(text: str) -> bytes:
    """Return the bytes of a frame written in hexadecimal, spaces or not.

    Raises
    ------
    Refused
        What is no hexadecimal.
    """
    figures = re.sub(r"[\s:,-]|0x", "", text.lower())
    try:
        found = bytes.fromhex(figures)
    except ValueError:
        found = b""
    if not found or len(found) > 255:
        raise Refused(
            "bad-frame",
            _("Écrivez la trame en hexadécimal, deux chiffres par octet, 255 octets au plus : 01 75 5C."),
            field="payload",
        )
    return found


def tried(device: Device, decoder: str, port: int, text: str) -> list[Tried]:
    """Return what a decoder gives of a frame; nothing is kept.

    Raises
    ------
    Refused
        What is wrong with the frame, or why this decoder cannot read it.
    """
    chosen = find(decoder)
    if chosen is None:
        raise Refused("no-decoder", _("Choisissez le décodeur à essayer."), field="decoder")
    known = set(device.series.values_list("observed", flat=True))
    try:
        return [Tried(one, one.observed in known) for one in decode(chosen, port, frame(text))]
    except Undecodable as undecodable:
        raise Refused("undecodable", _why(undecodable.code), status=422, field="payload") from None


def _why(code: str) -> str:
    return {
        "port": _("Ce décodeur ne lit rien sur ce port : vérifiez le port (FPort) de la trame."),
        "size": _("La trame n'a pas la longueur que ce décodeur attend : est-ce le bon modèle ?"),
        "type": _("La trame contient une donnée que ce décodeur ne connaît pas : est-ce le bon modèle ?"),
    }.get(code, _("La trame est vide."))


def choose(
    user: Any, code: str, decoder: str, eui: str = "", *, sample: tuple[int, str] | None = None
) -> Device:
    """Give a device its decoder and its DevEUI; with a ``sample`` (port, frame), declare what it says and was not.

    Without a decoder, what the network server read is taken.
    """
    authorise(user, "intake.manage")
    chosen = find(decoder)
    eui = re.sub(r"[\s:-]", "", eui.lower())
    if eui and not EUI.fullmatch(eui):
        raise Refused(
            "bad-eui", _("Le DevEUI compte seize chiffres hexadécimaux : 70B3D57ED0000001."), field="eui"
        )
    with transaction.atomic():
        device = catalogue.find(code)
        if eui and Device.objects.filter(eui=eui).exclude(pk=device.pk).exists():
            raise Refused("eui-taken", _("Un autre capteur porte déjà ce DevEUI."), status=409, field="eui")
        found = tried(device, decoder, *sample) if chosen and sample else []
        specs = [_spec(one.value) for one in found if not one.declared]
        for one in specs:
            catalogue.declared(device, one)
        device.decoder, device.eui = decoder, eui or None
        device.save(update_fields=["decoder", "eui"])
        record(
            "intake.decoder.chosen",
            actor=user.pid,
            subject=f"dev_{device.pk}",
            payload={"code": code, "decoder": decoder or "–", "observed": [one.observed for one in specs]},
        )
        catalogue.changed()
    return device


def _spec(value: Value) -> Spec:
    return catalogue.checked(
        Spec(value.observed, "flag" if isinstance(value.value, bool) else "number", value.unit)
    )
