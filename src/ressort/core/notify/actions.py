"""Verbs on messages: choosing how to be told, looking after the outbox, and what carriers report."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from ressort.core.accounts.models import User
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now, wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import declare, record
from ressort.core.notify import channels, kinds, sending, webpush
from ressort.core.notify.delivery import bury, tell
from ressort.core.notify.models import Attempt, Channel, Message, Preference, Subscription

DEVICES = 10
"""Browsers one person may subscribe."""

declare("notify.preference.changed", "Une personne a choisi comment être prévenue.", "fields")
declare("notify.device.added", "Un appareil reçoit les notifications d'une personne.")
declare("notify.device.removed", "Un appareil ne reçoit plus les notifications d'une personne.")
declare("notify.trial.asked", "Un message d'essai a été demandé.", "messages")
declare(
    "notify.message.resent",
    "Message remis en attente d'envoi ({message_kind}, {channel}).",
    "message_kind",
    "channel",
    "about",
)
declare(
    "notify.message.delivered",
    "Message remis ({message_kind}, {channel}).",
    "message_kind",
    "channel",
    "about",
)
declare("notify.letters.printed", "Lettres imprimées : {count}.", "count", "messages")


def preference(user: User) -> Preference:
    """Return a person's preferences, the usual ones (not kept) for whoever chose nothing."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


def choose(
    user: User, *, families: Mapping[str, Iterable[str]], quiet_from: int, quiet_to: int, postal: str
) -> Preference:
    """Keep how a person wishes to be told."""
    authorise(user, "notify.choose")
    for field, minutes in (("quiet_from", quiet_from), ("quiet_to", quiet_to)):
        if not 0 <= minutes < 1440:
            raise Refused("bad-hour", _("Écrivez une heure entre 0 h 00 et 23 h 59."), field=field)
    lines = [" ".join(line.split()) for line in postal.splitlines() if line.strip()]
    if len("\n".join(lines)) > 400 or len(lines) > 7:
        raise Refused("long-address", _("Une adresse postale tient en sept lignes au plus."), field="postal")
    known = kinds.families(user)
    wished = {
        family: [channel for channel in Channel.values if channel in set(chosen)]
        for family, chosen in families.items()
        if family in known
    }
    if not lines and any(Channel.LETTER in chosen for chosen in wished.values()):
        raise Refused(
            "no-postal", _("Pour recevoir des lettres, écrivez votre adresse postale."), field="postal"
        )
    fields: dict[str, Any] = {"quiet_from": quiet_from, "quiet_to": quiet_to, "postal": "\n".join(lines)}
    with transaction.atomic():
        kept, __ = Preference.objects.select_for_update().get_or_create(user=user)
        fields["families"] = {**kept.families, **wished}  # what concerned a person once may again
        changed = sorted(name for name, value in fields.items() if getattr(kept, name) != value)
        if changed:
            for name in changed:
                setattr(kept, name, fields[name])
            kept.save(update_fields=changed)
            record("notify.preference.changed", actor=user.pid, subject=user.pid, payload={"fields": changed})
    return kept


def revive(user: User, channel: str) -> None:
    """Use an address again that had bounced: the person says that it works."""
    authorise(user, "notify.choose")
    with transaction.atomic():
        kept = Preference.objects.select_for_update().filter(user=user).first()
        if kept is None or channel not in kept.dead:
            raise Refused("not-dead", _("Cette adresse est déjà utilisée."), status=409)
        kept.dead = {name: address for name, address in kept.dead.items() if name != channel}
        kept.save(update_fields=["dead"])
        record("notify.preference.changed", actor=user.pid, subject=user.pid, payload={"fields": ["dead"]})


def subscribe(user: User, *, endpoint: str, p256dh: str, auth: str, label: str = "") -> Subscription:
    """Let a browser show a person's notifications; a browser that changes hands follows the last person."""
    authorise(user, "notify.choose")
    if (
        len(endpoint) > 500
        or not channels.acceptable(endpoint)
        or not webpush.check_keys(p256dh[:120], auth[:40])
    ):
        raise Refused(
            "bad-subscription", _("Ce navigateur n'a pas donné de quoi lui envoyer des notifications.")
        )
    if Subscription.objects.filter(user=user).exclude(endpoint=endpoint).count() >= DEVICES:
        raise Refused(
            "too-many-devices", _("Dix appareils sont déjà abonnés : retirez-en un d'abord."), status=409
        )
    with transaction.atomic():
        fields = {"user": user, "p256dh": p256dh, "auth": auth, "label": " ".join(label.split())[:80]}
        made, __ = Subscription.objects.update_or_create(
            endpoint=endpoint, defaults=fields, create_defaults={**fields, "created": wall_now()}
        )
        record("notify.device.added", actor=user.pid, subject=user.pid)
    return made


def unsubscribe(user: User, pk: int) -> None:
    """Stop a browser's notifications."""
    authorise(user, "notify.choose")
    with transaction.atomic():
        gone, __ = Subscription.objects.filter(user=user, pk=pk).delete()
        if not gone:
            raise Unknown("device", _("Cet appareil n'est pas (ou plus) abonné."))
        record("notify.device.removed", actor=user.pid, subject=user.pid)


def trial(user: User) -> list[Message]:
    """Send oneself a message, by every channel that works."""
    authorise(user, "notify.choose")
    with transaction.atomic():
        key = f"notify.trial:{user.pid}:{secrets.token_hex(6)}"
        sent = sending.send("notify.trial", key=key, to=sending.Recipient.person(user), subject=user.pid)
        record("notify.trial.asked", actor=user.pid, subject=user.pid, payload={"messages": len(sent)})
    return sent


def find(pid: str) -> Message:
    """Return a message by its public id."""
    found = Message.objects.filter(pid=pid).first()
    if found is None:
        raise Unknown("message", _("Ce message n'existe pas."))
    return found


def resend(user: Any, pid: str) -> Message:
    """Put a message back among those that wait, to be sent once more."""
    authorise(user, "notify.resend")
    message = find(pid)
    if message.blanked:
        raise Refused("blanked", _("Le texte de ce message est effacé : il ne peut plus partir."), status=409)
    if message.had_secret:
        raise Refused(
            "had-secret",
            _("Ce message portait un lien personnel, effacé depuis : la personne doit en demander un autre."),
            status=409,
        )
    with transaction.atomic():
        over = Message.objects.filter(pk=message.pk).exclude(
            state__in=(Message.State.WAITING, Message.State.SENDING)
        )
        if not over.update(
            state=Message.State.WAITING,
            attempts=0,
            turn=F("turn") + 1,
            not_before=wall_now(),
            quiet_until=None,
            useful_until=None,  # whoever sends it again finds it useful
            created=service_now(),
            sent=None,
            delivered=None,
            error="",
        ):
            raise Refused("not-over", _("Ce message est déjà en attente ou en cours d'envoi."), status=409)
        Attempt.objects.create(message=message, at=wall_now(), outcome="resent")
        tell(message, "notify.message.resent", actor=user.pid)
        transaction.on_commit(sending.wake[message.channel].set)
    message.refresh_from_db()
    return message


def printed(user: Any, pids: Iterable[str]) -> int:
    """Note that letters were printed; return how many. Letters already printed are left as they are."""
    authorise(user, "notify.resend")
    with transaction.atomic():
        waiting = Message.objects.select_for_update().filter(
            pid__in=list(pids)[:200], channel=Channel.LETTER, state=Message.State.WAITING
        )
        letters = list(waiting)
        if not letters:
            raise Refused(
                "nothing-to-print", _("Aucune de ces lettres n'attend d'être imprimée."), status=409
            )
        Message.objects.filter(pk__in=[letter.pk for letter in letters]).update(
            state=Message.State.PRINTED, sent=service_now()
        )
        now = wall_now()
        Attempt.objects.bulk_create(Attempt(message=letter, at=now, outcome="printed") for letter in letters)
        payload = {"count": len(letters), "messages": [letter.pid for letter in letters]}
        record("notify.letters.printed", actor=user.pid, payload=payload)
    return len(letters)


def report(number: str, outcome: str, reason: str = "") -> Message:
    """Take in what a carrier says became of a message. Saying it twice changes nothing.

    Parameters
    ----------
    number : str
        The key the carrier was given, or its own number.
    outcome : str
        ``delivered`` or ``bounced``.
    reason : str
        The carrier's code, kept as it is if it is one.
    """
    key = number.rpartition("~")[0] or number
    with transaction.atomic():
        rows = Message.objects.select_for_update()
        message = rows.filter(key=key).first() or rows.filter(provider=number).order_by("-pk").first()
        if message is None or not number:
            raise Unknown("message", _("Aucun message ne porte ce numéro."))
        if outcome == "delivered" and message.delivered is None and message.state == Message.State.SENT:
            Message.objects.filter(pk=message.pk).update(delivered=service_now())
            Attempt.objects.create(message=message, at=wall_now(), outcome="delivered")
            tell(message, "notify.message.delivered")
        elif outcome == "bounced" and message.state in {Message.State.SENT, Message.State.SENDING}:
            said = noop("Le transporteur dit que cette adresse ne reçoit plus.")
            Message.objects.filter(pk=message.pk).update(
                state=Message.State.BOUNCED, error=said, lease_until=None, worker="", secret=""
            )
            Attempt.objects.create(message=message, at=wall_now(), outcome="bounced", says=said)
            bury(message)
            code = "".join(c for c in reason if c.isascii() and (c.isalnum() or c in "-._"))[:8]
            tell(message, "notify.message.bounced", reason=code or "reported")
        message.refresh_from_db()
    return message
