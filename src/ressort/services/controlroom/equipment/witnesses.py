"""Keeping the register of witnesses: which second device sees what a piece of equipment says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.intake import catalogue
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Series
from ressort.core.intake.readings import CODE, PROPERTY
from ressort.core.journal import record
from ressort.services.controlroom.alarms import contradicted
from ressort.services.controlroom.equipment.asking import find_asset
from ressort.services.controlroom.equipment.kinds import KINDS, Sight
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.equipment.witness_models import Witness


def parsed(kind: str, device: str, text: str) -> tuple[str, str]:
    """Return device and property of a witness as it was written: ``camera-3``, or ``camera-3/seen_borne_12``.

    Parameters
    ----------
    device : str
        Code of what the equipment itself is heard through.

    Raises
    ------
    Refused
        With what cannot be a witness, and why.
    """
    sight = KINDS[kind].sight
    if sight is None:
        raise Refused(
            "no-sight",
            _("Rien ne peut être le témoin d'un équipement de cette classe : laissez vide."),
            field="witness",
        )
    code, __, observed = (part.strip() for part in text.strip().partition("/"))
    observed = observed or sight.seen.observed
    if not (CODE.fullmatch(code) and PROPERTY.fullmatch(observed)):
        raise Refused(
            "bad-witness",
            _("Écrivez le code d'un capteur, ou capteur/grandeur : camera-3, camera-3/%(observed)s.")
            % {"observed": sight.seen.observed},
            field="witness",
        )
    if not device:
        raise Refused(
            "nothing-said",
            _("Cet équipement n'est pas écouté : donnez-lui d'abord un capteur."),
            field="witness",
        )
    if code == device:
        raise Refused(
            "same-device",
            _("Un témoin est un autre capteur que celui de l'équipement : il ne témoigne pas pour lui-même."),
            field="witness",
        )
    return code, observed


def words(asset: Asset) -> str:
    """Return the witness of some equipment as it is written, empty for none."""
    found = Witness.objects.filter(asset=asset).select_related("series__device", "asset").first()
    return written(found) if found else ""


def written(one: Witness) -> str:
    """Return a witness as it is written: the property only where it is not the usual one."""
    sight = KINDS[one.asset.kind].sight
    usual = sight is not None and one.series.observed == sight.seen.observed
    return one.series.device.code if usual else f"{one.series.device.code}/{one.series.observed}"


def tie(user: Any, pid: str, text: str) -> Asset:
    """Say which witness sees some equipment; empty takes it away."""
    with transaction.atomic():
        asset = find_asset(pid)
        authorise(user, "controlroom.equipment.manage", asset)
        wanted = text.strip()
        if wanted:
            wanted = "/".join(parsed(asset.kind, asset.device.code if asset.device else "", wanted))
        before = Witness.objects.filter(asset=asset).select_related("series__device").first()
        if wanted == (f"{before.series.device.code}/{before.series.observed}" if before else ""):
            raise Refused("no-change", _("C'est déjà ainsi."), status=409, field="witness")
        put([(asset, wanted)])
        record(
            "controlroom.equipment.witness",
            actor=user.pid,
            subject=pid,
            payload={"witness": wanted or "none"},
        )
    return asset


def follow(rows: Iterable[tuple[Asset, Mapping[str, Any]]]) -> None:
    """Tie what a file says of witnesses, inside the import; the device of an equipment that changes takes its witness along."""
    found = list(rows)
    present = {
        one.asset_id: one
        for one in Witness.objects.filter(asset__in=[asset.pk for asset, __ in found]).select_related(
            "series__device", "asset"
        )
    }
    wanted = []
    for asset, fields in found:
        known = present.get(asset.pk)
        if "witness" in fields and (fields["witness"] or known):
            wanted.append((asset, str(fields["witness"])))
        elif known and "device" in fields:
            wanted.append((asset, written(known) if asset.device_id else ""))
    if wanted:
        put(wanted)


def put(rows: Sequence[tuple[Asset, str]]) -> None:
    """Tie each asset to the witness that is written, inside the caller's transaction."""
    wanted = {
        asset.pk: (asset, *parsed(asset.kind, asset.device.code if asset.device else "", text))
        for asset, text in rows
        if text
    }
    series = _series([(code, observed, asset.declared.sight) for asset, code, observed in wanted.values()])
    stated = {asset.device_id: asset.declared.state for asset, *__ in wanted.values()}
    own = {
        one.device_id: one
        for one in Series.objects.filter(device__in=list(stated))
        if stated[one.device_id] == one.observed
    }
    before = {one.asset_id: one for one in Witness.objects.filter(asset__in=[asset.pk for asset, __ in rows])}
    made = []
    for asset, __ in rows:
        known = before.get(asset.pk)
        _asset, code, observed = wanted.get(asset.pk, (asset, "", ""))
        seen, mine = series.get((code, observed)), own.get(asset.device_id or 0)
        if known and seen and mine and (known.series_id, known.own_id) == (seen.pk, mine.pk):
            continue
        if known:
            contradicted.withdraw(known)
            known.delete()
        if seen and mine:
            made.append(Witness(asset=asset, own=mine, series=seen))
    Witness.objects.bulk_create(made, batch_size=500)
    if made or before:
        contradicted.changed(any_new=bool(made))


def _series(wanted: Sequence[tuple[str, str, Sight | None]]) -> dict[tuple[str, str], Series]:
    """Return the series of witnesses, declared where they were not."""
    specs: dict[str, dict[str, Spec]] = {}
    for code, observed, sight in wanted:
        assert sight is not None
        specs.setdefault(code, {})[observed] = replace(sight.seen, observed=observed)
    devices = catalogue.enrol({code: found.values() for code, found in specs.items()})
    rows = Series.objects.filter(device__in=[one.pk for one in devices.values()]).select_related("device")
    found = {(one.device.code, one.observed): one for one in rows}
    for code, kinds in specs.items():
        for observed, spec in kinds.items():
            known = found[code, observed]
            if known.kind != spec.kind or known.choices[: len(spec.choices)] != list(spec.choices):
                raise Refused(
                    "other-kind",
                    _("« %(what)s » mesure autre chose : donnez une autre grandeur à ce témoin.")
                    % {"what": f"{code}/{observed}"},
                    field="witness",
                )
    return found
