"""What carries messages: one shape for e-mail, SMS and web push. Letters are carried by people.

A carrier receives a parcel and returns the number its own provider gave it, or raises :class:`NotSent`. It may be
handed the same parcel twice (a worker died in between): the key lets the provider drop the second.
"""

from __future__ import annotations

import hashlib
import json
import re
import smtplib
import textwrap
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Protocol
from urllib.parse import quote_plus, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_noop as noop

from ressort.core.notify.http import Answer, Unanswered, call
from ressort.core.notify.models import Channel

AGAIN = frozenset({408, 425, 429})
"""Answers below 500 after which trying again makes sense."""
_FRAME = 96  # characters of a line in the terminal


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way: ``link`` is a whole address, ``life`` the seconds during which it is worth having."""

    key: str
    address: str
    title: str
    body: str
    link: str = ""
    urgent: bool = False
    life: int = 86400


class NotSent(Exception):  # noqa: N818 - an outcome
    """A parcel was not carried.

    Parameters
    ----------
    code : str
        Stable, for the journal.
    sentence : str
        French, for whoever looks after the outbox. Never holds the address.
    final : bool
        Trying again cannot help.
    dead : bool
        The address itself does not work.
    """

    def __init__(self, code: str, sentence: str, *, final: bool = False, dead: bool = False) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence
        self.final, self.dead = final or dead, dead


class Carrier(Protocol):
    """What every channel offers."""

    def carry(self, parcel: Parcel) -> str:
        """Carry a parcel; return the provider's number, empty if it gives none."""


class Mail:
    """E-mail through Django's mailer."""

    def carry(self, parcel: Parcel) -> str:
        """Hand over a message whose ``Message-ID`` comes from the key: the second of two is the same message."""
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        number = f"<{hashlib.sha256(parcel.key.encode()).hexdigest()[:32]}@{domain}>"
        headers = {"Message-ID": number, "Auto-Submitted": "auto-generated"}
        message = EmailMessage(parcel.title, parcel.body, None, [parcel.address], headers=headers)
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            raise NotSent(
                "refused",
                noop("Le serveur du destinataire refuse cette adresse (SMTP %(code)s).") % {"code": code},
                final=code >= 500,
                dead=_no_such_box(code, said),
            ) from None
        except smtplib.SMTPAuthenticationError:
            raise NotSent(
                "credentials", noop("Le serveur SMTP refuse notre mot de passe : vérifiez RESSORT_SMTP_URL.")
            ) from None
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code >= 500
            raise NotSent(
                f"smtp-{error.smtp_code}",
                noop("Le serveur SMTP a refusé le message (SMTP %(code)s).") % {"code": error.smtp_code},
                final=final,
            ) from None
        except (smtplib.SMTPException, OSError):
            raise NotSent("unreachable", noop("Le serveur SMTP ne répond pas.")) from None
        return number


def _no_such_box(code: int, said: bytes) -> bool:
    """Tell a box that does not exist from a server that will not have us (relaying, reputation)."""
    if enhanced := re.match(rb"([245])\.(\d+)\.\d+", said):
        return enhanced[1] == b"5" and enhanced[2] == b"1"  # RFC 3463: permanent, addressing
    return code in {550, 551, 553}


class Console:
    """Where no server and no gateway are set: a frame in the terminal; the outbox shows the same."""

    def __init__(self, word: str) -> None:
        self.word = word

    def carry(self, parcel: Parcel) -> str:
        """Print the message; a line is never cut inside a link."""
        text = f"{parcel.title}\n\n{parcel.body}" if self.word == "Courriel" else parcel.body
        lines = [f"{self.word} → {parcel.address}", ""]
        for line in text.splitlines():
            lines += textwrap.wrap(line, _FRAME, break_long_words=False, break_on_hyphens=False) or [""]
        wide = max(map(len, lines))
        framed = [f"│ {line:{wide}} │" for line in lines]
        print("\n".join((f"┌{'─' * (wide + 2)}┐", *framed, f"└{'─' * (wide + 2)}┘")), flush=True)  # noqa: T201
        return ""


class Gateway:
    """SMS by any provider with an HTTP interface: address, method and body come from the settings."""

    def carry(self, parcel: Parcel) -> str:
        """Fill the body with the number, the text and the key, and call."""
        template = settings.SMS_BODY
        as_json = template.lstrip().startswith("{")
        values = {"to": parcel.address, "text": parcel.body, "key": parcel.key}
        escape = (lambda text: json.dumps(text)[1:-1]) if as_json else quote_plus
        headers = {
            "Content-Type": "application/json" if as_json else "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Idempotency-Key": parcel.key,
        }
        if settings.SMS_TOKEN:
            headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
        url = _filled(settings.SMS_URL, values, quote_plus)
        body = None if settings.SMS_METHOD == "GET" else _filled(template, values, escape).encode()
        try:
            answer = call(settings.SMS_METHOD, url, body, headers, settings.SMS_TIMEOUT)
        except Unanswered:
            raise NotSent("unreachable", noop("La passerelle SMS ne répond pas.")) from None
        if answer.status < 300:
            return _number(answer)
        if answer.status in {401, 403}:
            raise NotSent(
                "credentials", noop("La passerelle SMS refuse notre jeton : vérifiez RESSORT_SMS_TOKEN.")
            )
        final = 400 <= answer.status < 500 and answer.status not in AGAIN
        raise NotSent(
            f"http-{answer.status}",
            noop("La passerelle SMS a répondu par une erreur %(status)s.") % {"status": answer.status},
            final=final,
        )


def _filled(template: str, values: dict[str, str], escape: Any) -> str:
    """Fill ``{to}``, ``{text}`` and ``{key}`` in one pass: what a text holds is never filled again."""
    return re.sub(r"\{(to|text|key)\}", lambda found: escape(values[found[1]]), template)


def _number(answer: Answer) -> str:
    """Return the provider's number from a JSON answer, by its usual names."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return ""
    if isinstance(found, dict):
        for name in ("id", "message_id", "messageId", "sid"):
            if name in found:
                return str(found[name])[:120]
    return ""


class Push:
    """Notifications of browsers (Web Push, RFC 8030, 8291, 8292)."""

    def carry(self, parcel: Parcel) -> str:
        """Encrypt for one browser and hand over to its push service."""
        from ressort.core.notify import webpush
        from ressort.core.notify.models import Subscription

        device = Subscription.objects.filter(endpoint=parcel.address).first()
        if device is None:
            raise NotSent(
                "unsubscribed", noop("Cet appareil n'est plus abonné aux notifications."), dead=True
            )
        if not acceptable(device.endpoint):
            raise NotSent("bad-endpoint", noop("Ce service de notification n'est pas connu ici."), dead=True)
        words = json.dumps(
            {"title": parcel.title, "body": parcel.body, "url": parcel.link, "tag": parcel.key},
            ensure_ascii=False,
        )
        body = webpush.encrypt(words.encode()[:3000], device.p256dh, device.auth)
        topic = hashlib.sha256(parcel.key.encode()).hexdigest()[:32]
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "Authorization": webpush.authorization(device.endpoint),
            "TTL": str(parcel.life),
            "Urgency": "high" if parcel.urgent else "normal",
            "Topic": topic,
        }
        try:
            answer = call("POST", device.endpoint, body, headers, 10.0)
        except Unanswered:
            raise NotSent("unreachable", noop("Le service de notification ne répond pas.")) from None
        if answer.status < 300:
            return ""
        if answer.status in {404, 410}:
            raise NotSent(
                "unsubscribed", noop("Cet appareil n'est plus abonné aux notifications."), dead=True
            )
        final = answer.status < 500 and answer.status not in AGAIN
        raise NotSent(
            f"http-{answer.status}",
            noop("Le service de notification a répondu par une erreur %(status)s.")
            % {"status": answer.status},
            final=final,
        )


def acceptable(endpoint: str) -> bool:
    """Tell whether an endpoint is of a known push service: a browser gives it, so it could be any address at all."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    known = any(host == name or host.endswith(f".{name}") for name in settings.PUSH_HOSTS)
    local = host in {"127.0.0.1", "localhost"}
    return (
        known
        and "@" not in parts.netloc
        and (local or (parts.scheme == "https" and parts.port in {None, 443}))
    )


def in_terminal() -> bool:
    """Tell whether e-mails are only printed: no server is set."""
    return str(settings.MAILERS["default"]["BACKEND"]).endswith("console.EmailBackend")


def carrier(channel: str) -> Carrier:
    """Return what carries a channel in this installation.

    Raises
    ------
    LookupError
        For letters, which nobody but people carries.
    """
    match channel:
        case Channel.EMAIL:
            return Console("Courriel") if in_terminal() else Mail()
        case Channel.SMS:
            return Gateway() if settings.SMS_URL else Console("SMS")
        case Channel.PUSH:
            return Push()
    raise LookupError(f"no carrier for {channel}")
