"""Tables of citizen reports: what was seen and where beside who says it, which is personal and goes first."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import models
from django.db.models import DateTimeField, ExpressionWrapper, F, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.mandate import Mandate
from ressort.core.accounts.models import Organisation
from ressort.core.codes import follow_code
from ressort.core.privacy import blank, impersonal, personal, through

ABANDONED = timedelta(days=730)
"""A report that nobody closed counts as over after that long, for what is kept of people."""


def report_id() -> str:
    """Return a new pseudonymous id of a report."""
    return f"r_{secrets.token_hex(8)}"


def _over(prefix: str = "") -> Coalesce:
    """Return the moment at which a report is over: closed, or left without an answer for two years."""
    left = ExpressionWrapper(
        F(f"{prefix}at") + Value(ABANDONED, output_field=models.DurationField()), output_field=DateTimeField()
    )
    return Coalesce(F(f"{prefix}closed"), left)


class ReportCategory(models.Model):
    """A kind of thing that can be reported: published, with who answers for it and within what delay."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("nom"), max_length=80)
    group = models.CharField(_("famille"), max_length=60, blank=True)
    help = models.CharField(_("précision"), max_length=200, blank=True)
    words = models.CharField(_("autres mots"), max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="report_categories",
        verbose_name=_("organisation responsable"),
    )
    days = models.PositiveSmallIntegerField(_("délai promis (jours)"), default=15)
    rank = models.PositiveSmallIntegerField(_("ordre"), default=100)
    active = models.BooleanField(_("proposée au public"), default=True)

    class Meta:
        ordering = ["rank", "group", "name"]

    def __str__(self) -> str:
        return self.name


impersonal(ReportCategory, "name", "words", why=_("nom et synonymes d'une catégorie publiée"))


class Report(models.Model):
    """Something that somebody has seen in the street, and what becomes of it."""

    class State(models.TextChoices):
        """Where a report stands."""

        RECEIVED = "received", _("Reçu")
        TAKEN = "taken", _("Pris en charge")
        PLANNED = "planned", _("Planifié")
        DONE = "done", _("Réparé")
        REFUSED = "refused", _("Sans suite")
        MERGED = "merged", _("Joint à un autre")

    class Origin(models.TextChoices):
        """By which way it came."""

        PORTAL = "portal", _("portail")
        API = "api", _("programme")
        PHONE = "phone", _("téléphone")
        COUNTER = "counter", _("guichet")
        PAPER = "paper", _("lettre")
        TWIN = "twin", _("jumeau")

    class Reason(models.TextChoices):
        """Why nothing will be done."""

        NOT_FOUND = "not_found", _("rien n'a été trouvé sur place")
        NOT_OURS = "not_ours", _("ce lieu ou cet équipement n'est pas de notre ressort")
        PRIVATE = "private", _("c'est un lieu privé")
        LATER = "later", _("les moyens manquent cette année")
        UNCLEAR = "unclear", _("le signalement n'est pas assez précis")
        ABUSE = "abuse", _("ce n'est pas un signalement")

    OPEN = (State.RECEIVED, State.TAKEN, State.PLANNED)
    FOR_SOMEBODY = (Origin.PHONE, Origin.COUNTER, Origin.PAPER)

    pid = models.CharField(max_length=24, unique=True, default=report_id)
    category = models.ForeignKey(ReportCategory, on_delete=models.PROTECT, related_name="reports")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="reports", help_text="who answers for it now"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    at = models.DateTimeField(help_text="service time at which it was received")
    due = models.DateTimeField(help_text="when the promised delay ends")
    updated = models.DateTimeField()
    closed = models.DateTimeField(null=True, blank=True)
    planned_for = models.DateField(null=True, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    address = models.CharField(max_length=200, blank=True, help_text="of the point, by the street network")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    actor = models.CharField(max_length=40, help_text="pseudonymous id of who reported or typed")
    mandate = models.CharField(max_length=12, blank=True, choices=Mandate.choices)
    supporters = models.PositiveIntegerField(default=1, help_text="people who have seen the same")
    shown = models.BooleanField(
        default=False, help_text="an agent has read the words and seen the photo: they may be published"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    key = models.CharField(max_length=80, null=True, unique=True, help_text="idempotency key")

    class Meta:
        indexes = [
            models.Index(fields=["state", "due"]),
            models.Index(fields=["updated"]),
            models.Index(fields=["lat", "lon"]),
        ]

    def __str__(self) -> str:
        return self.pid

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in self.OPEN

    @property
    def topic(self) -> str:
        """The live topic of this report alone."""
        return f"subject:{self.pid}"


personal(
    Report,
    title=_("Signalements"),
    people=_("les personnes qui signalent, avec ou sans compte ; les agents qui saisissent pour autrui"),
    fields={
        "actor": _("identifiant sans visage de qui a signalé ou saisi"),
        "lon": _("longitude du lieu signalé"),
        "lat": _("latitude du lieu signalé"),
        "address": _("adresse la plus proche du lieu signalé"),
        "mandate": _("qui a demandé : la personne, un proche, un professionnel"),
    },
    purpose=_("Réparer ce qui est signalé, en rendre compte, mesurer les délais"),
    recipients=_("tout le monde pour le lieu, la catégorie et l'état ; les agents habilités pour le reste"),
    keep=timedelta(days=365),
    since=_over(),
    since_words=_("la fin du signalement, ou deux ans sans réponse"),
    among={"actor__gt": ""},
    end=through(
        "ressort.services.controlroom.reports.actions.erasing.forget",
        _("le lieu est arrondi à cent mètres et l'identifiant effacé ; catégorie, dates et état restent"),
    ),
)
impersonal(Report, "reason", why=_("motif choisi dans une liste"))
impersonal(Report, "pid", "key", why=_("numéro tiré au hasard"))


class ReportWords(models.Model):
    """What somebody wrote of what they saw, and the place as they named it: beside the report, erasable."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="words")
    text = models.TextField(_("description"), blank=True)
    label = models.CharField(_("lieu"), max_length=200, blank=True)

    def __str__(self) -> str:
        return f"words {self.report_id}"


personal(
    ReportWords,
    title=_("Textes des signalements"),
    people=_("les personnes qui signalent, et celles dont elles parleraient"),
    fields={
        "text": _("description, telle qu'elle a été écrite"),
        "label": _("lieu, tel qu'il a été nommé"),
    },
    purpose=_("Comprendre ce qui est signalé et le trouver sur place"),
    recipients=_("les agents habilités ; tout le monde, si un agent a relu et publié le texte"),
    keep=timedelta(days=365),
    since=_over("report__"),
    since_words=_("la fin du signalement, ou deux ans sans réponse"),
    end=through("ressort.services.controlroom.reports.actions.erasing.forget_words", _("effacé")),
)


class ReportPhoto(models.Model):
    """A picture, drawn again without what the device wrote in it (place, hour, device); the file is beside."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="photo")
    name = models.CharField(max_length=40, help_text="of the file in the folder of photos")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.name


personal(
    ReportPhoto,
    title=_("Photos des signalements"),
    people=_("les personnes qui passeraient sur une photo"),
    fields={"name": _("fichier de la photo, sans lieu, date ni appareil")},
    purpose=_("Comprendre ce qui est signalé et le trouver sur place"),
    recipients=_("les agents habilités ; tout le monde, si un agent a regardé et publié la photo"),
    keep=timedelta(days=365),
    since=_over("report__"),
    since_words=_("la fin du signalement, ou deux ans sans réponse"),
    end=through(
        "ressort.services.controlroom.reports.actions.erasing.forget_photos", _("la photo est effacée")
    ),
)


class ReportStep(models.Model):
    """A step in the life of a report, as those who follow it read it."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=Report.State.choices)
    deed = models.CharField(max_length=12, help_text="what was done")
    actor = models.CharField(max_length=40, help_text="pseudonymous id of who did it")
    text = models.TextField(blank=True, help_text="words of the agent for those who follow")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.report_id} {self.deed}"


personal(
    ReportStep,
    title=_("Suites données aux signalements"),
    people=_("les agents qui répondent"),
    fields={
        "actor": _("identifiant sans visage de qui a agi"),
        "text": _("réponse écrite à qui suit le signalement"),
    },
    purpose=_("Dire ce qui a été fait, et par qui"),
    recipients=_("tout le monde pour la réponse ; les agents habilités pour qui l'a écrite"),
    keep=timedelta(days=365),
    since=_over("report__"),
    since_words=_("la fin du signalement, ou deux ans sans réponse"),
    end=blank(_("réponse et identifiant sont effacés ; les dates restent"), actor="", text=""),
)
impersonal(ReportStep, "deed", why=_("nom d'un geste du service"))


class Follower(models.Model):
    """Somebody who follows a report by a code: who made it, and who has seen the same."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="followers")
    code = models.CharField(max_length=12, unique=True, default=follow_code)
    first = models.BooleanField(default=False, help_text="who made the report")
    at = models.DateTimeField()
    owner_pid = models.CharField(max_length=24, blank=True, db_index=True)
    name = models.CharField(_("nom"), max_length=120, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    postal = models.CharField(_("adresse postale"), max_length=400, blank=True)
    language = models.CharField(max_length=5, default="fr")
    reference = models.CharField(_("référence"), max_length=60, blank=True)
    blanked = models.BooleanField(default=False, help_text="what leads to the person was erased")

    def __str__(self) -> str:
        return f"follower {self.pk}"

    @property
    def reachable(self) -> bool:
        """Whether an answer can be sent."""
        return bool(self.owner_pid or self.email or self.phone or self.postal)


personal(
    Follower,
    title=_("Personnes qui suivent un signalement"),
    people=_("les personnes qui signalent ou disent « moi aussi », avec ou sans compte"),
    fields={
        "owner_pid": _("identifiant sans visage de la personne, si elle a un compte"),
        "name": _("nom, quand un agent saisit pour quelqu'un"),
        "email": _("adresse électronique"),
        "phone": _("téléphone"),
        "postal": _("adresse postale, pour une lettre"),
        "reference": _("référence du courrier ou du dossier"),
    },
    purpose=_("Dire à la personne ce que devient son signalement"),
    recipients=_("les agents habilités"),
    keep=timedelta(days=90),
    since=_over("report__"),
    since_words=_("la fin du signalement, ou deux ans sans réponse"),
    end=through(
        "ressort.services.controlroom.reports.actions.erasing.forget_followers",
        _("nom et coordonnées sont effacés, et les messages avec eux ; le code de suivi reste"),
    ),
    among={"blanked": False},
)
