"""Tables of contacts: what somebody asked an agent, and, beside it, who they are: personal, and gone first."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.mandate import Mandate
from ressort.core.accounts.models import Organisation
from ressort.core.codes import follow_code
from ressort.core.privacy import impersonal, personal, through
from ressort.services.controlroom.reports.models import ABANDONED, Report

KEEP = timedelta(days=365)
KEEP_PERSON = timedelta(days=90)
_USER = settings.AUTH_USER_MODEL


def _over(prefix: str = "") -> Coalesce:
    """Return the moment at which a contact is over: answered, its report closed, or nothing said for two years."""
    left = ExpressionWrapper(
        F(f"{prefix}at") + Value(ABANDONED, output_field=models.DurationField()),
        output_field=models.DateTimeField(),
    )
    return Coalesce(F(f"{prefix}answered"), F(f"{prefix}report__closed"), left)


def enquiry_id() -> str:
    """Return a new pseudonymous id of a contact."""
    return f"n_{secrets.token_hex(8)}"


class Enquiry(models.Model):
    """Somebody who got in touch: how, about what, before when they are answered, and what was answered."""

    class Channel(models.TextChoices):
        """How they got in touch."""

        PHONE = "phone", _("téléphone")
        COUNTER = "counter", _("guichet")
        LETTER = "letter", _("lettre")
        EMAIL = "email", _("courriel")

    class Kind(models.TextChoices):
        """What they want."""

        REPORT = "report", _("signaler")
        RIDE = "ride", _("réserver un trajet")
        INFORMATION = "information", _("une réponse")

    class Receipt(models.TextChoices):
        """What they leave with."""

        ALOUD = "aloud", _("lu de vive voix")
        SMS = "sms", _("SMS")
        EMAIL = "email", _("courriel")
        LETTER = "letter", _("lettre")

    pid = models.CharField(max_length=24, unique=True, default=enquiry_id)
    code = models.CharField(max_length=12, unique=True, default=follow_code)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="enquiries")
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(help_text="service time")
    channel = models.CharField(max_length=8, choices=Channel)
    mandate = models.CharField(max_length=12, choices=Mandate)
    kind = models.CharField(max_length=12, choices=Kind)
    report = models.ForeignKey(Report, null=True, on_delete=models.SET_NULL, related_name="enquiries")
    receipt = models.CharField(max_length=8, choices=Receipt, default=Receipt.ALOUD)
    due = models.DateTimeField(help_text="service time before which it is answered")
    answered = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, null=True, unique=True, help_text="idempotency key")

    class Meta:
        ordering = ["due", "pk"]
        indexes = [models.Index(fields=["answered", "due"], name="enquiry_open")]

    def __str__(self) -> str:
        return self.code

    @property
    def topic(self) -> str:
        """The live topic of this contact alone."""
        return f"subject:{self.pid}"


personal(
    Enquiry,
    title=_("Contacts"),
    people=_("les agents qui prennent les appels, les lettres et l'accueil"),
    fields={
        "by": _("agent qui l'a noté"),
        "mandate": _("qui a demandé : la personne, un proche, un professionnel"),
    },
    purpose=_("Répondre à qui nous contacte, dans le délai dit, et mesurer ces délais"),
    keep=KEEP,
    since=_over(),
    since_words=_("la réponse, la fin du signalement, ou deux ans sans réponse"),
    among={"by__isnull": False},
    end=through(
        "ressort.services.controlroom.contacts.actions.forget",
        _("l'agent est effacé ; le canal, le genre et les dates restent"),
    ),
)
impersonal(Enquiry, "pid", "key", why=_("numéro tiré au hasard"))


class EnquiryPerson(models.Model):
    """Who got in touch, what they said and what was answered: beside the contact, erasable."""

    enquiry = models.OneToOneField(Enquiry, on_delete=models.CASCADE, related_name="person")
    name = models.CharField(_("nom"), max_length=120, blank=True)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True, db_index=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    postal = models.CharField(_("adresse postale"), max_length=400, blank=True)
    reference = models.CharField(_("référence"), max_length=60, blank=True)
    subject = models.CharField(_("objet"), max_length=160, blank=True)
    text = models.TextField(_("ce qui a été dit"), blank=True)
    answer = models.TextField(_("réponse"), blank=True)

    def __str__(self) -> str:
        return f"person {self.enquiry_id}"


personal(
    EnquiryPerson,
    title=_("Personnes qui nous contactent"),
    people=_("les personnes qui téléphonent, écrivent ou viennent au guichet"),
    fields={
        "name": _("nom, s'il a été donné"),
        "phone": _("téléphone"),
        "email": _("adresse électronique"),
        "postal": _("adresse postale, pour une lettre"),
        "reference": _("référence du courrier ou du dossier"),
        "subject": _("objet, tel que l'agent l'a écrit"),
        "text": _("ce qui a été dit, tel que l'agent l'a écrit"),
        "answer": _("réponse donnée"),
    },
    purpose=_("Répondre à la personne, et la reconnaître si elle rappelle"),
    keep=KEEP_PERSON,
    since=_over("enquiry__"),
    since_words=_("la réponse, la fin du signalement, ou deux ans sans réponse"),
    end=through(
        "ressort.services.controlroom.contacts.actions.forget_people", _("effacé, et les messages avec")
    ),
)
