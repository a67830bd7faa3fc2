"""Keeping the register of equipment: adding, changing, importing, saying where maintenance stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation
from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.intake import catalogue
from ressort.core.intake.readings import CODE
from ressort.core.journal import record
from ressort.services.controlroom.clearances import deciding as clearances
from ressort.services.controlroom.equipment import approaches, witnesses
from ressort.services.controlroom.equipment.asking import find_asset
from ressort.services.controlroom.equipment.drivers import DRIVERS
from ressort.services.controlroom.equipment.kinds import KINDS
from ressort.services.controlroom.equipment.models import Asset

FIELDS = (
    "code",
    "kind",
    "name",
    "lon",
    "lat",
    "parent",
    "device",
    "capabilities",
    "parameters",
    "driver",
    "upkeep",
)


class Within:
    """Something of an organisation, for the policy table."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation_id = organisation.pk


def clean(wanted: Mapping[str, Any], present: Asset | None = None) -> dict[str, Any]:
    """Return fields that can be kept. ``parent`` and ``device`` are codes, empty for none.

    Raises
    ------
    Refused
        With the field that is wrong.
    """
    found = dict(wanted)
    kind = KINDS.get(str(found.get("kind", present.kind if present else "")))
    if kind is None:
        raise Refused("bad-kind", _("Choisissez une classe de la liste."), field="kind")
    if present is not None and kind.code != present.kind:
        raise Refused(
            "kind-fixed", _("Un équipement ne change pas de classe : inscrivez-en un autre."), field="kind"
        )
    for name in ("code", "device"):
        if found.get(name) and not CODE.fullmatch(str(found[name])):
            raise Refused(
                "bad-code",
                _(
                    "Écrivez une lettre, puis 59 caractères au plus : lettres sans accent, chiffres, points, tirets."
                ),
                field=name,
            )
    verbs = {one.verb for one in kind.can}
    if extra := set(found.get("capabilities") or ()) - verbs:
        names = ", ".join(sorted(verbs)) or _("aucune")
        raise Refused(
            "bad-capability",
            _("« %(extra)s » n'est pas une commande de cette classe. Possibles : %(names)s.")
            % {"extra": min(extra), "names": names},
            field="capabilities",
        )
    if found.get("approaches") and kind.code != approaches.KIND:
        raise Refused(
            "no-approaches",
            _("Seul un carrefour à feux a des branches : laissez vide."),
            field="approaches",
        )
    if found.get("witness"):
        device = found.get("device", present.device.code if present and present.device else "")
        witnesses.parsed(kind.code, str(device or ""), str(found["witness"]))
    if found.get("driver") and found["driver"] not in DRIVERS:
        raise Refused("bad-driver", _("Ce pilote n'existe pas ici."), field="driver")
    return found


def upkeep(user: Any, pid: str, state: str) -> Asset:
    """Say that equipment is in service, under repair or out."""
    with transaction.atomic():
        asset = find_asset(pid)
        clearances.authorise_upkeep(user, asset)
        if state not in Asset.Upkeep.values:
            raise Refused("bad-upkeep", _("Choisissez un état de la liste."), field="upkeep")
        if asset.upkeep == state:
            raise Refused("no-change", _("Cet équipement est déjà dans cet état."), status=409)
        asset.upkeep = state
        asset.save(update_fields=["upkeep"])
        record("controlroom.equipment.upkeep", actor=user.pid, subject=pid, payload={"state": state})
    return asset


def follow(actor: str, pid: str, state: str, *, cause: str) -> bool:
    """Move the maintenance of equipment as the work ordered for it moves; say whether it changed.

    Nobody is asked for a right: the deed that caused it had its own.
    """
    with transaction.atomic():
        moved = Asset.objects.filter(pid=pid).exclude(upkeep=state).update(upkeep=state)
        if moved:
            record(
                "controlroom.equipment.upkeep",
                actor=actor,
                subject=pid,
                payload={"state": state},
                cause=cause,
            )
    return bool(moved)


def take(
    user: Any,
    added: Sequence[tuple[Organisation, Mapping[str, Any]]],
    changed: Sequence[tuple[Asset, Mapping[str, Any]]] = (),
    *,
    source: str,
) -> list[Asset]:
    """Add and change equipment in one go; their devices are enrolled and their series declared. One event."""
    with transaction.atomic():
        for organisation in {home.pk: home for home, __ in added}.values():
            authorise(user, "controlroom.equipment.manage", Within(organisation))
        for asset, __ in changed:
            authorise(user, "controlroom.equipment.manage", asset)
        devices = _devices([*(fields for __, fields in added), *(fields for __, fields in changed)], changed)
        made = [
            Asset(organisation=home, source=source, **_row(fields, devices, None)) for home, fields in added
        ]
        Asset.objects.bulk_create(made, batch_size=500)
        for asset, fields in changed:
            for name, value in _row(fields, devices, asset).items():
                setattr(asset, name, value)
            asset.save()
        both = [*zip(made, (fields for __, fields in added), strict=True), *changed]
        _parents(both)
        witnesses.follow(both)
        record(
            "controlroom.equipment.taken",
            actor=getattr(user, "pid", "system:controlroom"),
            payload={"added": len(made), "changed": len(changed), "source": source},
        )
    return made


def _devices(rows: Sequence[Mapping[str, Any]], changed: Sequence[tuple[Asset, Any]]) -> dict[str, Any]:
    kinds = {id(fields): asset.kind for asset, fields in changed}
    wanted = {
        fields["device"]: KINDS[fields.get("kind") or kinds[id(fields)]].observes
        for fields in rows
        if fields.get("device")
    }
    return catalogue.enrol(wanted) if wanted else {}


def _row(fields: Mapping[str, Any], devices: Mapping[str, Any], present: Asset | None) -> dict[str, Any]:
    found = {name: value for name, value in fields.items() if name in FIELDS and name != "parent"}
    if fields.get("approaches"):
        before = found.get("parameters") or (present.parameters if present else {})
        found["parameters"] = approaches.put(before, fields["approaches"])
    if "device" in found:
        found["device"] = devices.get(found["device"]) if found["device"] else None
    if present is None and not found.get("capabilities"):
        found["capabilities"] = [one.verb for one in KINDS[found["kind"]].can]
    return found


def _parents(rows: Sequence[tuple[Asset, Mapping[str, Any]]]) -> None:
    named = {str(fields["parent"]) for __, fields in rows if fields.get("parent")}
    known = {one.code: one for one in Asset.objects.filter(code__in=named)}
    moved = []
    for asset, fields in rows:
        if "parent" in fields:
            asset.parent = known.get(str(fields["parent"])) if fields["parent"] else None
            moved.append(asset)
    Asset.objects.bulk_update(moved, ["parent"], batch_size=500)
