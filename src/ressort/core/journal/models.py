"""Tables of the journal and of the decision receipts."""

import uuid
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import blank, impersonal, keeps, personal


class Event(models.Model):
    """One thing that happened. Rows are never updated nor deleted; the database itself refuses it."""

    seq = models.BigIntegerField(primary_key=True, help_text="1, 2, 3… without a gap, in commit order")
    id = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField(help_text="service time")
    wall = models.DateTimeField(help_text="real time")
    actor = models.CharField(max_length=40, help_text="pseudonymous id of who acted, or system:name")
    subject = models.CharField(max_length=60, blank=True, help_text="pseudonymous id of what it is about")
    cause = models.CharField(max_length=60, blank=True, help_text="what led to it: event id, receipt, job")
    correlation = models.CharField(max_length=40, blank=True, help_text="shared by all events of one request")
    territory = models.CharField(max_length=20, blank=True)
    payload = models.TextField(default="{}", help_text="canonical JSON: ids, numbers and codes only")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "seq"]),
            models.Index(fields=["actor", "seq"]),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


personal(
    Event,
    title=_("Journal des actions"),
    people=_("toute personne qui agit, ou pour qui l'on agit"),
    fields={
        "actor": _("identifiant sans visage de qui a agi"),
        "subject": _("identifiant sans visage de ce dont il s'agit"),
        "payload": _("nombres, codes et identifiants : jamais un nom, une adresse ou un texte libre"),
    },
    purpose=_("Prouver ce qui s'est passé, et que rien n'a été réécrit"),
    recipients=_("les agents de la console"),
    end=keeps(
        _(
            "aussi longtemps que l'installation ; quand le compte est effacé, plus rien ne mène de l'identifiant à vous"
        )
    ),
)


class Head(models.Model):
    """The end of the chain (one row), so that cutting off the last events is seen too."""

    seq = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return str(self.seq)


class Cursor(models.Model):
    """How far a named consumer has read."""

    name = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.seq}"


class Receipt(models.Model):
    """An automated decision: what the engine received and answered, for replay and explanation."""

    number = models.CharField(max_length=16, primary_key=True)
    kind = models.CharField(max_length=60, help_text="which replayer recomputes it: transport.offer")
    at = models.DateTimeField(help_text="service time")
    subject = models.CharField(max_length=60, blank=True, db_index=True)
    engine = models.CharField(max_length=60)
    engine_version = models.CharField(max_length=64)
    seed = models.BigIntegerField(default=0)
    inputs = models.BinaryField(help_text="zlib-compressed canonical JSON, pseudonymous")
    answer = models.TextField(help_text="canonical JSON")
    words = models.TextField(
        default="{}", help_text="JSON: decision, rule, change (French, no personal data)"
    )

    class Meta:
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.number


personal(
    Receipt,
    title=_("Reçus de décision"),
    people=_("toute personne pour qui un calcul a décidé"),
    fields={
        "subject": _("identifiant de la demande"),
        "inputs": _("ce que le calcul a reçu : arrêts, heures, places, temps de marche, tournées du moment"),
        "answer": _("ce qu'il a répondu"),
    },
    purpose=_("Expliquer la décision, la recalculer, et permettre de la contester"),
    basis=_("Obligation légale (code des relations entre le public et l'administration, article L311-3-1)"),
    recipients=_("qui connaît le numéro du reçu"),
    keep=timedelta(days=365),
    since="at",
    since_words=_("la décision"),
    end=blank(
        _("ce que le calcul a reçu est effacé ; la décision reste, en mots, pour les statistiques"),
        inputs=b"",
        subject="",
    ),
)
impersonal(Receipt, "words", why=_("phrases types sur la décision, sans rien de la personne"))
