"""Declaring addresses, and saying how each piece of equipment is reached."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.driving import calling, http, mqtt, rounds, sealing, templates, wording
from ressort.services.controlroom.driving import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.driving.models import BODY, TOPIC, Address, Wiring
from ressort.services.controlroom.equipment.asking import find_asset
from ressort.services.controlroom.equipment.drivers import DRIVERS
from ressort.services.controlroom.equipment.models import Asset, Command
from ressort.services.controlroom.shadow import proposing


def find_address(pid: str) -> Address:
    """Return a declared address by its id."""
    found = Address.objects.filter(pid=pid).first()
    if found is None:
        raise Unknown("address", _("Cette adresse n'existe pas."))
    return found


def declare(user: Any, fields: Mapping[str, Any], pid: str = "") -> Address:
    """Declare an address where devices may be called, or change it.

    Parameters
    ----------
    fields : mapping
        ``name``, ``base``, ``timeout``, ``authority``, ``token`` (empty: it stays as it is), ``forget`` (the token).

    Raises
    ------
    Refused
        With the field that is wrong.
    """
    authorise(user, "controlroom.address.manage")
    with transaction.atomic():
        address = find_address(pid) if pid else Address()
        base = str(fields["base"]).strip().rstrip("/")
        _base(base)
        if fields.get("token") and base.startswith("http://"):
            raise Refused(
                "clear-token",
                _("Un jeton ne part qu'en https : écrivez l'adresse ainsi, ou retirez le jeton."),
                field="token",
            )
        address.name, address.base, address.timeout = fields["name"], base, fields["timeout"]
        address.authority = _authority(str(fields.get("authority") or "").strip())
        if fields.get("token"):
            address.sealed = sealing.seal(fields["token"])
        elif fields.get("forget") or base.startswith("http://"):
            address.sealed = ""
        if Address.objects.filter(name=address.name).exclude(pk=address.pk).exists():
            raise Refused("name-taken", _("Une adresse porte déjà ce nom."), status=409, field="name")
        address.save()
        record("controlroom.address.declared", actor=user.pid, subject=address.pid, payload={"new": not pid})
    return address


def _base(base: str) -> None:
    why = calling.fit(base)
    if why == "forbidden":
        raise Refused(
            "forbidden-address",
            _(
                "Cette adresse est celle de cette machine ou d'un réseau réservé : aucun équipement n'y est appelé."
            ),
            field="base",
        )
    if why:
        raise Refused(
            "bad-address",
            _("Écrivez https://hote, ou https://hote:port/chemin, sans mot de passe dedans."),
            field="base",
        )


def _authority(text: str) -> str:
    if not text:
        return ""
    try:
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError):
        raise Refused(
            "bad-authority",
            _(
                "Ce certificat ne se lit pas : collez-le en entier, de « BEGIN CERTIFICATE » à « END CERTIFICATE »."
            ),
            field="authority",
        ) from None
    return text


def remove(user: Any, pid: str) -> None:
    """Take a declared address back; never one that some equipment uses."""
    authorise(user, "controlroom.address.manage")
    with transaction.atomic():
        address = find_address(pid)
        if used := address.wirings.count():
            raise Refused(
                "in-use",
                _("%(count)s équipements passent par cette adresse : donnez-leur d'abord un autre chemin.")
                % {"count": used},
                status=409,
            )
        address.delete()
        record("controlroom.address.removed", actor=user.pid, subject=pid)


def wire(user: Any, asset_pid: str, driver: str, fields: Mapping[str, Any]) -> Wiring:
    """Say by which driver some equipment is reached, and how.

    Raises
    ------
    Refused
        With the field that is wrong.
    """
    with transaction.atomic():
        asset = find_asset(asset_pid)
        authorise(user, "controlroom.equipment.manage", asset)
        if driver and driver not in DRIVERS:
            raise Refused("bad-driver", _("Ce pilote n'existe pas ici."), field="driver")
        wiring = Wiring.objects.select_for_update().filter(asset=asset).first() or Wiring(asset=asset)
        for name, value in checked(asset, driver, fields).items():
            setattr(wiring, name, value)
        wiring.save()
        asset.driver = driver
        asset.save(update_fields=["driver"])
        if driver and DRIVERS[driver].real:
            proposing.of_driver(driver, asset.kind)  # it begins by observing
        record("controlroom.equipment.wired", actor=user.pid, subject=asset.pid, payload={"driver": driver})
    return wiring


def checked(asset: Asset, driver: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a wiring, as they are kept."""
    kind = asset.declared
    names = {param.name for one in kind.can for param in one.params}
    found: dict[str, Any] = {
        "address": find_address(fields["address"]) if fields.get("address") else None,
        "method": fields.get("method") or Wiring.Method.POST,
        "path": _template("path", str(fields.get("path") or ""), names),
        "body": _template("body", str(fields.get("body") or BODY), names),
        "status_path": _template("status_path", str(fields.get("status_path") or ""), set()),
        "every": fields.get("every") or 30,
        "topic": _template("topic", str(fields.get("topic") or ""), names),
        "words": wording.words(str(fields.get("words") or ""), kind),
        "readings": wording.readings(str(fields.get("readings") or ""), kind),
    }
    _json(found["body"])
    for name in ("path", "status_path"):
        if found[name] and not found[name].startswith("/"):
            raise Refused(
                "bad-path", _("Un chemin commence par une barre : /bornes/{device}/ordres."), field=name
            )
    if driver == "http":
        _http(found)
    elif driver == "mqtt":
        found["topic"] = found["topic"] or TOPIC
        _topic(found["topic"])
        if not settings.MQTT:
            raise Refused(
                "no-broker",
                _("Aucun courtier n'est réglé : donnez RESSORT_MQTT_URL, puis relancez."),
                field="driver",
            )
    return found


def _http(found: Mapping[str, Any]) -> None:
    if found["address"] is None:
        raise Refused("no-address", _("Choisissez une adresse déclarée."), field="address")
    if not found["path"]:
        raise Refused("no-path", _("Écrivez où envoyer les commandes, sous cette adresse."), field="path")
    if found["status_path"] and not found["readings"]:
        raise Refused("no-readings", _("Dites où lire chaque grandeur dans la réponse."), field="readings")


def _topic(topic: str) -> None:
    if "+" in topic or "#" in topic or topic.startswith(("$", "ressort/")):
        raise Refused(
            "bad-topic",
            _(
                "Un sujet de commande n'a ni « + » ni « # », et n'est pas sous « ressort/ », où parlent les équipements."
            ),
            field="topic",
        )


def _template(name: str, text: str, params: set[str]) -> str:
    text = text.strip()
    if wrong := templates.unknown(text, params):
        raise Refused(
            "bad-slot",
            _("{%(slot)s} ne veut rien dire ici. Possibles : %(names)s.")
            % {
                "slot": min(wrong),
                "names": ", ".join(f"{{{one}}}" for one in (*templates.NAMES, *sorted(params))),
            },
            field=name,
        )
    return text


def _json(body: str) -> None:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(
            "bad-body",
            _("Ce corps n'est pas du JSON : vérifiez les guillemets, les virgules et les accolades."),
            field="body",
        ) from None


# ------------------------------------------------------------------ trying


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would leave for one command: nothing has."""

    label: str
    where: str
    headers: tuple[tuple[str, str], ...]
    body: str


def rehearse(asset: Asset, driver: str, fields: Mapping[str, Any]) -> list[Rehearsed]:
    """Return what each command would send with these settings; nothing leaves."""
    wiring = Wiring(asset=asset, **checked(asset, driver, fields))
    found = []
    for capability in asset.declared.can:
        params = {param.name: param.low for param in capability.params}
        command = Command(
            pid="c_essai",
            asset=asset,
            verb=capability.verb,
            params=params,
            expires=wall_now() + timedelta(seconds=capability.seconds),
        )
        if driver == "http":
            call = http.request_of(command, wiring, shown=True)
            where, headers, body = (
                f"{call.method} {call.url}",
                tuple(call.headers.items()),
                call.body.decode(),
            )
        else:
            topic, raw = mqtt.message_of(command, wiring)
            where, headers, body = topic, (("QoS", "1"),), raw.decode()
        found.append(Rehearsed(str(capability.label), where, headers, body))
    return found


def read_now(user: Any, asset_pid: str) -> str:
    """Read a device now, as its driver does at each turn; return what is wrong, empty when it answered."""
    asset = find_asset(asset_pid)
    authorise(user, "controlroom.equipment.manage", asset)
    wiring = Wiring.objects.filter(asset=asset).first()
    if wiring is None or asset.driver != "http" or not wiring.status_path:
        raise Refused("no-reading", _("Cet équipement ne se lit pas : il parle de lui-même."), status=409)
    return rounds.read(wiring.pk)
