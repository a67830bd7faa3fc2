"""Tables of the appeals. What people write stands in tables of its own, beside, so that it can be erased."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.mandate import Mandate, Way
from ressort.core.clock import service_now
from ressort.core.privacy import blank, erase, personal

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing to misread aloud


def appeal_id() -> str:
    """Return a new pseudonymous id of an appeal."""
    return f"a_{secrets.token_hex(8)}"


def appeal_code() -> str:
    """Return a follow number: begins with E, for « examen »; 49 bits, typed on a phone."""
    text = "".join(secrets.choice(_ALPHABET) for __ in range(10))
    return f"E-{text[:5]}-{text[5:]}"


class Appeal(models.Model):
    """A decision that somebody contests, and where its re-examination stands."""

    class Reason(models.TextChoices):
        """Why it is contested: a short list, so that the same causes can be counted."""

        WRONG = "wrong", _("Une information prise en compte est fausse")
        UNSEEN = "unseen", _("Ma situation n'a pas été prise en compte")
        UNCLEAR = "unclear", _("Je ne comprends pas la décision")
        UNFAIR = "unfair", _("La décision me paraît injuste")
        OTHER = "other", _("Une autre raison")

    class State(models.TextChoices):
        """Where it stands."""

        RECEIVED = "received", _("reçue")
        TAKEN = "taken", _("prise en charge")
        ANSWERED = "answered", _("répondue")

    class Outcome(models.TextChoices):
        """What the person who took it up decided."""

        CHANGED = "changed", _("Décision changée")
        UPHELD = "upheld", _("Décision maintenue")
        EXPLAINED = "explained", _("Décision expliquée")

    pid = models.CharField(max_length=24, unique=True, default=appeal_id)
    code = models.CharField(max_length=16, unique=True, default=appeal_code)
    receipt = models.CharField(max_length=16, db_index=True, help_text="number of the contested receipt")
    kind = models.CharField(max_length=60, help_text="kind of the receipt, for counting")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    owner_pid = models.CharField(
        max_length=24, blank=True, db_index=True, help_text="empty without an account"
    )
    origin = models.CharField(
        max_length=10, default="portal", help_text="portal, or how the person reached the agent who typed"
    )
    mandate = models.CharField(
        max_length=12, blank=True, choices=Mandate.choices, help_text="who asked, when an agent typed"
    )
    typed_by = models.CharField(max_length=24, blank=True, help_text="agent who typed for somebody")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(help_text="service time")
    due = models.DateTimeField(help_text="service time by which an answer is owed")
    taken = models.DateTimeField(null=True, help_text="service time")
    answered = models.DateTimeField(null=True, help_text="service time")

    class Meta:
        indexes = [models.Index(fields=["state", "due"]), models.Index(fields=["kind", "at"])]

    def __str__(self) -> str:
        return self.pid

    @property
    def way_words(self) -> str:
        """How the person reached the agent who typed, in words; empty when they wrote themselves."""
        return str(Way(self.origin).label) if self.origin in Way.values else ""

    @property
    def late(self) -> bool:
        """Whether the answer is owed since before now."""
        return self.state != self.State.ANSWERED and self.due < service_now()


personal(
    Appeal,
    title=_("Demandes de réexamen"),
    people=_("les personnes qui contestent une décision, et les agents qui leur répondent"),
    fields={
        "code": _("numéro de suivi"),
        "owner_pid": _("identifiant sans visage de qui conteste, s'il est connecté"),
        "taken_by": _("agent qui s'en charge"),
        "reason": _("motif choisi dans une liste"),
        "mandate": _("qui a demandé : la personne, un proche, un professionnel"),
        "typed_by": _("identifiant sans visage de l'agent qui a saisi"),
    },
    purpose=_("Faire reprendre une décision automatique par une personne, dans un délai"),
    basis=_("Obligation légale (RGPD, article 22 ; code des relations entre le public et l'administration)"),
    recipients=_("les agents qui répondent ; qui connaît le numéro de suivi"),
    keep=timedelta(days=2 * 365),
    since="answered",
    since_words=_("la réponse"),
    end=blank(
        _(
            "le lien avec les personnes est effacé ; motif, issue et délai restent, pour le registre des algorithmes"
        ),
        owner_pid="",
        mandate="",
        typed_by="",
        taken_by=None,
    ),
)


class Statement(models.Model):
    """What the person wrote, and how to reach them: personal, erasable."""

    class Way(models.TextChoices):
        """How the answer reaches the person."""

        HERE = "here", _("Je viendrai la lire ici, avec le numéro de suivi")
        EMAIL = "email", _("Par courriel")
        PHONE = "phone", _("Par téléphone")

    appeal = models.OneToOneField(Appeal, on_delete=models.CASCADE, related_name="statement")
    way = models.CharField(max_length=6, choices=Way.choices, default=Way.HERE)
    text = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=60, blank=True, help_text="given by who asks for somebody")

    def __str__(self) -> str:
        return f"statement {self.appeal_id}"


personal(
    Statement,
    title=_("Ce qu'écrivent les personnes qui contestent"),
    people=_("les personnes qui contestent une décision"),
    fields={
        "way": _("moyen de réponse choisi"),
        "text": _("explication écrite librement"),
        "email": _("adresse électronique"),
        "phone": _("téléphone"),
        "reference": _("référence donnée par qui demande pour la personne (numéro de formulaire)"),
    },
    purpose=_("Comprendre la contestation, et envoyer la réponse"),
    recipients=_("les agents qui répondent"),
    keep=timedelta(days=365),
    since="appeal__answered",
    since_words=_("la réponse"),
    end=erase(),
)


class Answer(models.Model):
    """What a named person answered, in plain words; a reopened appeal may have several."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="answers")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(help_text="service time")
    outcome = models.CharField(max_length=10, choices=Appeal.Outcome.choices)
    text = models.TextField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"answer {self.appeal_id}"


personal(
    Answer,
    title=_("Réponses aux demandes de réexamen"),
    people=_("les personnes qui contestent, et l'agent qui répond"),
    fields={"by": _("agent qui a répondu"), "text": _("réponse, en mots")},
    purpose=_("Répondre en personne, et pouvoir relire la réponse"),
    recipients=_("les agents qui répondent ; qui connaît le numéro de suivi"),
    keep=timedelta(days=365),
    since="at",
    since_words=_("la réponse"),
    end=erase(),
)
