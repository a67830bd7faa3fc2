"""Which devices may be heard, of what; their tokens. What is known is kept in memory for a few seconds."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.intake.models import Device, Series
from ressort.core.intake.readings import CODE, PROPERTY, Known
from ressort.core.intake.uplinks import Radio
from ressort.core.journal import declare, record

declare("intake.device.provisioned", "Capteur inscrit : {code}.", "code", "gateway")
declare("intake.device.renewed", "Clé d'un capteur renouvelée : {code}.", "code")
declare("intake.device.retired", "Capteur retiré du service : {code}.", "code")
declare("intake.device.restored", "Capteur remis en service : {code}.", "code")
declare("intake.series.declared", "Grandeurs déclarées pour {code} : {observed}.", "code", "observed")

KEEP = 5.0  # seconds: another process may have changed the catalogue
AGAIN = 0.2  # … and something unknown is looked for again after that much


@dataclass(frozen=True, slots=True)
class Spec:
    """A series as it is declared: property, kind (``number``, ``flag``, ``choice``), unit, bounds, words."""

    observed: str
    kind: str = "number"
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


class _Kept:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.read_at = float("-inf")
        self.known: dict[tuple[str, str], Known] = {}
        self.devices: dict[str, tuple[int, int | None, bool]] = {}  # code -> id, gateway, retired
        self.radio = Radio()


_kept = _Kept()


def forget() -> None:
    """Read the catalogue again at the next observation."""
    with _kept.lock:
        _kept.read_at = float("-inf")


def changed() -> None:
    """Read the catalogue again at the next observation, and once more after the commit."""
    forget()
    transaction.on_commit(forget)


def known(
    *, missing: bool = False
) -> tuple[Mapping[tuple[str, str], Known], Mapping[str, tuple[int, int | None, bool]]]:
    """Return the series by (device, property) and the devices by code; ``missing`` asks for fresh ones."""
    with _kept.lock:
        age = time.monotonic() - _kept.read_at
        if age < (AGAIN if missing else KEEP):
            return _kept.known, _kept.devices
        fields = ("pk", "device_id", "device__code", "observed", "kind", "low", "high", "choices")
        rows = Series.objects.values_list(*fields, "device__retired", "device__first_seen")
        _kept.known = {
            (code, observed): Known(
                pk, device, kind, low, high, {word: rank for rank, word in enumerate(choices)},
                tuple(choices), retired is not None, seen is not None,
            )
            for pk, device, code, observed, kind, low, high, choices, retired, seen in rows.iterator(2000)
        }  # fmt: skip
        names = ("pk", "code", "gateway", "retired", "gateway__code", "eui", "decoder")
        devices = list(Device.objects.values_list(*names))
        _kept.devices = {code: (pk, by, retired is not None) for pk, code, by, retired, *_ in devices}
        _kept.radio = Radio(
            codes={eui: code for _, code, *_, eui, _ in devices if eui},
            decoders={code: decoder for _, code, *_, decoder in devices if decoder},
            gateways={code: by for _, code, _, _, by, *_ in devices if by},
            known=frozenset(_kept.devices),
        )
        _kept.read_at = time.monotonic()
        return _kept.known, _kept.devices


def radio(*, missing: bool = False) -> Radio:
    """Return what must be known of devices to read the messages of a broker."""
    known(missing=missing)
    return _kept.radio


# ------------------------------------------------------------------ devices


def digest(secret: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def bearer(secret: str) -> Device | None:
    """Return the device whose token this is, unless it was retired."""
    return Device.objects.filter(digest=digest(secret), retired=None).first()


def find(code: str) -> Device:
    """Return a device by its code."""
    device = Device.objects.filter(code=code).select_related("gateway").first()
    if device is None:
        raise Unknown("device", _("Aucun capteur ne porte le code « %(code)s ».") % {"code": code[:60]})
    return device


def provision(user: Any, code: str, *, gateway: str = "") -> tuple[Device, str]:
    """Enrol a device and return it with its token, which is shown this once; behind a gateway it has none."""
    authorise(user, "intake.manage")
    code = code.strip()
    if not CODE.fullmatch(code):
        raise Refused(
            "bad-code",
            _(
                "Écrivez une lettre, puis 59 caractères au plus : lettres sans accent, chiffres, points, tirets."
            ),
            field="code",
        )
    with transaction.atomic():
        if Device.objects.filter(code=code).exists():
            raise Refused("code-taken", _("Un capteur porte déjà ce code."), status=409, field="code")
        speaker = find(gateway.strip()) if gateway.strip() else None
        if speaker is not None and speaker.gateway_id is not None:
            raise Refused(
                "not-a-gateway",
                _("Ce capteur parle lui-même par une passerelle : choisissez la passerelle."),
                field="gateway",
            )
        secret = "" if speaker else f"dev_{secrets.token_urlsafe(24)}"
        device = Device.objects.create(
            code=code, digest=digest(secret) if secret else None, gateway=speaker, created=wall_now()
        )
        record(
            "intake.device.provisioned",
            actor=user.pid,
            subject=f"dev_{device.pk}",
            payload={"code": code, "gateway": speaker.code if speaker else ""},
        )
        changed()
    return device, secret


def renew(user: Any, code: str) -> tuple[Device, str]:
    """Give a device another token; the former opens nothing from now on."""
    authorise(user, "intake.manage")
    with transaction.atomic():
        device, secret = find(code), f"dev_{secrets.token_urlsafe(24)}"
        Device.objects.filter(pk=device.pk).update(digest=digest(secret))
        record("intake.device.renewed", actor=user.pid, subject=f"dev_{device.pk}", payload={"code": code})
    return device, secret


def retire(user: Any, code: str, *, back: bool = False) -> Device:
    """Take a device out of service, or ``back`` into it: what is retired is no longer heard."""
    authorise(user, "intake.manage")
    with transaction.atomic():
        device = find(code)
        if (device.retired is None) == back:
            raise Refused("no-change", _("Ce capteur est déjà dans cet état."), status=409)
        device.retired = None if back else wall_now()
        device.save(update_fields=["retired"])
        kind = "intake.device.restored" if back else "intake.device.retired"
        record(kind, actor=user.pid, subject=f"dev_{device.pk}", payload={"code": code})
        changed()
    return device


# ------------------------------------------------------------------ series


def checked(spec: Spec) -> Spec:
    """Return a declaration that can be kept.

    Raises
    ------
    Refused
        With the field that is wrong.
    """
    if not PROPERTY.fullmatch(spec.observed):
        raise Refused(
            "bad-property",
            _("Nommez la grandeur en minuscules sans accent : temperature, position, boucle_libre."),
            field="observed",
        )
    if spec.kind not in Series.Kind.values:
        raise Refused("bad-kind", _("Choisissez nombre, oui ou non, ou mot d'une liste."), field="kind")
    if spec.kind == "choice" and not (
        1 <= len(spec.choices) <= 50 and all(PROPERTY.fullmatch(word) for word in spec.choices)
    ):
        raise Refused(
            "bad-choices", _("Donnez un à cinquante mots, en minuscules sans accent."), field="choices"
        )
    if spec.low is not None and spec.high is not None and spec.low > spec.high:
        raise Refused("bad-bounds", _("La borne basse dépasse la borne haute."), field="low")
    if len(spec.unit) > 16:
        raise Refused("bad-unit", _("Écrivez l'unité en seize caractères au plus."), field="unit")
    return spec


def declare_series(user: Any, code: str, specs: Sequence[Spec]) -> list[Series]:
    """Declare what a device observes; a property already declared takes its new unit and bounds, never another kind."""
    authorise(user, "intake.manage")
    with transaction.atomic():
        device = find(code)
        made = [declared(device, checked(spec)) for spec in specs]
        record(
            "intake.series.declared",
            actor=user.pid,
            subject=f"dev_{device.pk}",
            payload={"code": code, "observed": [one.observed for one in made]},
        )
        changed()
    return made


def declared(device: Device, spec: Spec) -> Series:
    """Declare a property inside the caller's transaction; the caller has authorised, checked and records."""
    present = Series.objects.filter(device=device, observed=spec.observed).first()
    choices = list(spec.choices)
    if present is None:
        return Series.objects.create(
            device=device, observed=spec.observed, kind=spec.kind, unit=spec.unit,
            low=spec.low, high=spec.high, choices=choices,
        )  # fmt: skip
    if present.kind != spec.kind or (choices[: len(present.choices)] != present.choices):
        raise Refused(
            "series-fixed",
            _("« %(observed)s » a déjà des mesures d'un autre type : déclarez une autre grandeur.")
            % {"observed": spec.observed},
            status=409,
            field="kind",
        )
    present.unit, present.low, present.high, present.choices = spec.unit, spec.low, spec.high, choices
    present.save(update_fields=["unit", "low", "high", "choices"])
    return present


def enrol(wanted: Mapping[str, Iterable[Spec]]) -> dict[str, Device]:
    """Make sure that devices and their series exist, for an action of another part that records its own event.

    Returns the devices by code. New ones have no token: a gateway, a broker or the town speaks for them.
    """
    now = wall_now()
    present = {
        one.code: one for one in Device.objects.filter(code__in=list(wanted)).prefetch_related("series")
    }
    missing = [Device(code=code, created=now) for code in wanted if code not in present]
    for one in Device.objects.bulk_create(missing, batch_size=500):
        present[one.code] = one
    fresh = {one.code for one in missing}
    series = [
        Series(
            device=present[code], observed=spec.observed, kind=spec.kind, unit=spec.unit,
            low=spec.low, high=spec.high, choices=list(spec.choices),
        )
        for code, specs in wanted.items()
        for spec in specs
        if code in fresh or spec.observed not in {one.observed for one in present[code].series.all()}
    ]  # fmt: skip
    Series.objects.bulk_create(series, batch_size=500)
    changed()
    return {code: present[code] for code in wanted}
