"""What people decide: criteria, real commands and back, the reflexes of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.alarms.models import Alarm, Rule
from ressort.services.controlroom.clearances import deciding as clearances
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.shadow import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.shadow import judging, proposing
from ressort.services.controlroom.shadow.models import Reflex, Trial


def find(pk: int, *, lock: bool = False) -> Trial:
    """Return a trial by its number."""
    rows = Trial.objects.select_related("reflex__rule", "reflex__asset")
    found = (Trial.objects.select_for_update() if lock else rows).filter(pk=pk).first()
    if found is None:
        raise Unknown("trial", _("Cette mise à l'épreuve n'existe pas."))
    return found


def write(user: Any, pk: int, fewest: int, agreement: int, window: int) -> Trial:
    """Write what the authority wants to see before real commands."""
    authorise(user, "controlroom.trial.decide")
    with transaction.atomic():
        trial = find(pk, lock=True)
        trial.fewest, trial.agreement, trial.window = fewest, agreement, window
        trial.save(update_fields=["fewest", "agreement", "window"])
        _record("written", user, trial, fewest=fewest, agreement=agreement, window=window)
    return trial


def release(user: Any, pk: int) -> Trial:
    """Let it act for real.

    Raises
    ------
    Refused
        Before its criteria are met.
    """
    authorise(user, "controlroom.trial.decide")
    with transaction.atomic():
        trial = find(pk, lock=True)
        if trial.real:
            raise Refused("already", _("Les commandes réelles sont déjà permises."), status=409)
        counted = judging.count(trial)
        if judging.lacking(trial, counted):
            raise Refused(
                "not-ready",
                _("Pas encore : les critères ne sont pas atteints. La page dit lesquels."),
                status=409,
            )
        _move(trial, user, real=True)
        _record("real", user, trial, cases=counted.cases, matches=counted.match)
    return trial


def withdraw(user: Any, pk: int) -> Trial:
    """Put it back in observation, at once: from now on nothing of it leaves."""
    authorise(user, "controlroom.trial.stop")
    with transaction.atomic():
        trial = find(pk, lock=True)
        if not trial.real:
            raise Refused("already", _("C'est déjà en observation."), status=409)
        _move(trial, user, real=False)
        _record("shadow", user, trial)
    return trial


def _move(trial: Trial, user: Any, *, real: bool) -> None:
    trial.real, trial.moved, trial.moved_by = real, wall_now(), user.pid
    trial.save(update_fields=["real", "moved", "moved_by"])


def _record(what: str, user: Any, trial: Trial, **more: int) -> None:
    record(
        f"controlroom.trial.{what}",
        actor=user.pid,
        subject=f"trial_{trial.pk}",
        payload={"trial": trial.pk, **more},
    )


def write_reflex(user: Any, fields: Mapping[str, Any], pk: int | None = None) -> Reflex:
    """Write what a rule asks of some equipment. What it asks changes: its trial begins again.

    Parameters
    ----------
    fields : mapping
        ``name``, ``rule`` (number), ``asset`` (code), ``verb``, ``value`` (of its parameter), ``active``.
    """
    authorise(user, "controlroom.reflex.write")
    with transaction.atomic():
        reflex = Reflex.objects.select_for_update().filter(pk=pk).first() if pk else Reflex()
        if reflex is None:
            raise Unknown("reflex", _("Ce réflexe n'existe pas."))
        rule = Rule.objects.filter(pk=fields["rule"]).first()
        asset = Asset.objects.filter(code=fields["asset"]).first()
        if rule is None or asset is None:
            name = "rule" if rule is None else "asset"
            raise Refused("unknown", _("Choisissez dans la liste."), field=name)
        clearances.authorise_upkeep(user, asset, field="asset")
        before = (reflex.rule_id, reflex.asset_id, reflex.verb, reflex.params) if pk else None
        verb, params = _order(asset, fields["verb"], fields.get("value"))
        if Reflex.objects.filter(name=fields["name"]).exclude(pk=pk or 0).exists():
            raise Refused("name-taken", _("Un réflexe porte déjà ce nom."), status=409, field="name")
        reflex.name, reflex.rule, reflex.asset, reflex.verb, reflex.params = (
            fields["name"],
            rule,
            asset,
            verb,
            params,
        )
        reflex.active = bool(fields["active"])
        if not pk:
            reflex.seen = Alarm.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        reflex.save()
        if before is not None and before != (rule.pk, asset.pk, verb, params):
            Trial.objects.filter(reflex=reflex).delete()
        proposing.of_reflex(reflex)
        payload = {
            "reflex": reflex.pk,
            "rule": rule.pk,
            "asset": asset.pid,
            "verb": verb,
            "active": reflex.active,
        }
        record("controlroom.reflex.written", actor=user.pid, subject=f"reflex_{reflex.pk}", payload=payload)
    return reflex


def _order(asset: Asset, verb: str, value: int | None) -> tuple[str, dict[str, int]]:
    capability = next((one for one in asset.can if one.verb == verb), None)
    if capability is None:
        names = ", ".join(f"{one.verb} ({one.label})" for one in asset.can) or _("aucune")
        raise Refused(
            "cannot",
            _("Cet équipement ne sait pas faire cela. Possibles : %(names)s.") % {"names": names},
            field="verb",
        )
    params = {}
    for param in capability.params:
        if value is None or not param.low <= value <= param.high:
            raise Refused(
                "bad-param",
                _("%(label)s : écrivez un nombre entier de %(low)s à %(high)s.")
                % {"label": param.label, "low": param.low, "high": param.high},
                field="value",
            )
        params[param.name] = value
    return verb, params
