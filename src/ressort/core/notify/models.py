"""Tables of the messages. What leads to a person (address, title, text, link) can be blanked; the rest stays."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import blank, impersonal, keeps, personal


def message_id() -> str:
    """Return a new public id of a message."""
    return f"n_{secrets.token_hex(8)}"


class Channel(models.TextChoices):
    """Ways by which a message reaches somebody."""

    EMAIL = "email", _("courriel")
    SMS = "sms", _("SMS")
    PUSH = "push", _("notification")
    LETTER = "letter", _("lettre")


class Message(models.Model):
    """The outbox: one message, to one person, by one channel."""

    class State(models.TextChoices):
        """Where a message stands."""

        WAITING = "waiting", _("en attente")
        SENDING = "sending", _("en cours d'envoi")
        SENT = "sent", _("envoyé")
        FAILED = "failed", _("en échec")
        BOUNCED = "bounced", _("refusé par l'adresse")
        CANCELLED = "cancelled", _("annulé")
        PRINTED = "printed", _("imprimé")

    pid = models.CharField(max_length=24, unique=True, default=message_id)
    key = models.CharField(
        max_length=160, unique=True, help_text="idempotency key: what was asked, by channel"
    )
    asked = models.CharField(max_length=120, db_index=True, help_text="the key that the service gave")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=40, blank=True, db_index=True, help_text="what it speaks of")
    recipient = models.CharField(max_length=24, blank=True, db_index=True, help_text="empty for a guest")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=500, blank=True, db_index=True, help_text="personal, erasable")
    language = models.CharField(max_length=5, default="fr")
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=200, blank=True, help_text="path of the page it leads to")
    code = models.CharField(
        max_length=20, blank=True, db_index=True, help_text="follow code, if there is one"
    )
    secret = models.CharField(
        max_length=500, blank=True, help_text="put in the body as it leaves, then erased"
    )
    had_secret = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    turn = models.PositiveSmallIntegerField(default=1, help_text="grows each time somebody sends it again")
    not_before = models.DateTimeField(help_text="wall time: back-off")
    quiet_until = models.DateTimeField(null=True, help_text="service time: end of the person's quiet hours")
    useful_until = models.DateTimeField(
        null=True, help_text="service time after which it is not worth sending"
    )
    worker = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True, help_text="wall time")
    created = models.DateTimeField(help_text="service time")
    sent = models.DateTimeField(null=True, help_text="service time")
    delivered = models.DateTimeField(null=True, help_text="service time; only if the carrier reports it")
    error = models.CharField(max_length=300, blank=True, help_text="the last one, as a sentence")
    provider = models.CharField(
        max_length=120, blank=True, db_index=True, help_text="the carrier's own number"
    )
    blanked = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["state", "channel", "not_before"]),
            models.Index(fields=["created"]),
        ]

    def __str__(self) -> str:
        return f"{self.pid} {self.kind} {self.channel} {self.state}"


personal(
    Message,
    title=_("Messages envoyés"),
    people=_("les personnes prévenues, avec ou sans compte"),
    fields={
        "recipient": _("identifiant sans visage de la personne"),
        "address": _("adresse électronique, téléphone ou adresse postale d'envoi"),
        "title": _("titre du message"),
        "body": _("texte du message"),
        "link": _("page à laquelle il mène"),
        "code": _("code de suivi"),
        "secret": _("lien de connexion, jusqu'à l'envoi"),
        "error": _("ce que le transporteur a répondu"),
    },
    purpose=_("Prévenir, prouver que c'est fait, envoyer de nouveau"),
    keep=timedelta(days=90),
    since="created",
    since_words=_("l'envoi"),
    among={"blanked": False, "state__in": ["sent", "failed", "bounced", "cancelled", "printed"]},
    end=blank(
        _("l'adresse et le texte sont effacés ; restent la date, la voie et l'issue"),
        recipient="", address="", title="", body="", link="", code="", secret="", error="", blanked=True,
    ),
)  # fmt: skip
impersonal(Message, "pid", "key", "asked", "provider", why=_("numéros qui évitent les doubles envois"))


class Attempt(models.Model):
    """One try at delivering a message, or one report about it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(help_text="wall time")
    outcome = models.CharField(max_length=12)
    says = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.message_id} {self.outcome}"


impersonal(Attempt, "says", why=_("issue d'un essai, en mots de la maison"))


class Preference(models.Model):
    """How a person wishes to be told: channels by family of messages, quiet hours, and addresses that no longer work."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_preference"
    )
    families = models.JSONField(
        default=dict, help_text="family -> channels wished; a family not named: the usual"
    )
    quiet_from = models.PositiveSmallIntegerField(default=21 * 60, help_text="minutes after local midnight")
    quiet_to = models.PositiveSmallIntegerField(
        default=7 * 60, help_text="the same as quiet_from: no quiet hours"
    )
    postal = models.TextField(max_length=400, blank=True, help_text="for letters")
    dead = models.JSONField(default=dict, help_text="channel -> the address that bounced")

    def __str__(self) -> str:
        return f"preference {self.user_id}"


personal(
    Preference,
    title=_("Choix des messages"),
    people=_("les personnes qui ont un compte"),
    fields={
        "user": _("compte"),
        "families": _("voies choisies par sorte de message"),
        "quiet_from": _("début des heures calmes"),
        "quiet_to": _("fin des heures calmes"),
        "postal": _("adresse postale, si elle a été donnée"),
        "dead": _("adresses qui ne répondent plus"),
    },
    purpose=_("Prévenir chacun comme il le souhaite"),
    end=keeps(_("autant que le compte")),
)


class Subscription(models.Model):
    """A browser that shows notifications to a person."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions"
    )
    endpoint = models.CharField(max_length=500, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    label = models.CharField(max_length=80, blank=True)
    created = models.DateTimeField(help_text="wall time")

    def __str__(self) -> str:
        return f"subscription {self.pk} of {self.user_id}"


personal(
    Subscription,
    title=_("Appareils qui reçoivent des notifications"),
    people=_("les personnes qui ont un compte"),
    fields={
        "user": _("compte"),
        "endpoint": _("adresse de notification de l'appareil"),
        "p256dh": _("clé de chiffrement de l'appareil"),
        "auth": _("secret partagé avec l'appareil"),
        "label": _("nom donné à l'appareil"),
    },
    purpose=_("Prévenir par notification"),
    end=keeps(_("jusqu'au retrait de l'appareil, ou du compte")),
)
