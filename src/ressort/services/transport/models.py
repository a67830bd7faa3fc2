"""Tables of on-demand transport."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.mandate import Mandate
from ressort.core.accounts.models import Organisation
from ressort.core.codes import follow_code as follow_code  # noqa: PLC0414 - migrations name it here
from ressort.core.fleet.models import Promise, Tour, Vehicle
from ressort.core.privacy import blank, erase, impersonal, personal, through
from ressort.core.territory import school, zones
from ressort.core.territory.models import Place, SchoolHoliday
from ressort.services.transport.pause_models import Pause as Pause  # noqa: PLC0414 - a table of this service


def booking_id() -> str:
    """Return a new pseudonymous id of a booking."""
    return f"b_{secrets.token_hex(8)}"


def demand_id() -> str:
    """Return a new pseudonymous id of a demand."""
    return f"d_{secrets.token_hex(8)}"


class Offering(models.Model):
    """A dated version of what the service offers. Published versions are not edited: a new version follows."""

    class State(models.TextChoices):
        """Where an offering stands."""

        DRAFT = "draft", _("brouillon")
        PUBLISHED = "published", _("publiée")
        WITHDRAWN = "withdrawn", _("retirée")

    class Kind(models.TextChoices):
        """What riders choose between."""

        STOPS = "stops", _("arrêt à arrêt")
        ZONE = "zone", _("zone avec arrêts virtuels")

    class Riders(models.TextChoices):
        """Who may ride."""

        EVERYONE = "everyone", _("tout le monde")
        REGISTERED = "registered", _("personnes inscrites")
        ORGANISATION = "organisation", _("membres de l'organisation")

    class School(models.TextChoices):
        """What school holidays change."""

        SAME = "same", _("mêmes heures")
        OTHER = "other", _("autres heures")
        CLOSED = "closed", _("fermé")

    name = models.CharField(_("nom"), max_length=80)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.STOPS)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="offerings")
    valid_from = models.DateField(_("du"))
    valid_to = models.DateField(_("au"), null=True, blank=True)
    places = models.ManyToManyField(Place, related_name="offerings", verbose_name=_("arrêts"))
    vehicles = models.ManyToManyField(Vehicle, related_name="offerings", verbose_name=_("véhicules"))
    riders = models.CharField(max_length=12, choices=Riders.choices, default=Riders.EVERYONE)
    school = models.CharField(
        _("vacances scolaires"), max_length=6, choices=School.choices, default=School.SAME
    )
    book_days = models.PositiveSmallIntegerField(_("réservation au plus tôt (jours)"), default=15)
    book_minutes = models.PositiveSmallIntegerField(_("réservation au plus tard (minutes)"), default=30)
    cancel_minutes = models.PositiveSmallIntegerField(_("annulation au plus tard (minutes)"), default=30)
    walk_m = models.PositiveSmallIntegerField(_("marche la plus longue (m)"), default=800)
    wait_s = models.PositiveSmallIntegerField(_("attente la plus longue (s)"), default=1500)
    promise_s = models.PositiveSmallIntegerField(_("largeur du créneau promis (s)"), default=900)
    ride_extra_s = models.PositiveSmallIntegerField(_("allongement du trajet (s)"), default=900)
    ride_factor = models.FloatField(_("allongement du trajet (facteur)"), default=1.5)
    ride_floor_s = models.PositiveSmallIntegerField(_("trajet toujours permis (s)"), default=360)
    passengers_max = models.PositiveSmallIntegerField(_("voyageurs par réservation"), default=6)
    luggage_max = models.PositiveSmallIntegerField(_("bagages par réservation"), default=4)
    price_cents = models.PositiveIntegerField(_("prix par voyageur (centimes)"), default=180)
    pickup_s = models.PositiveSmallIntegerField(_("temps de montée (s)"), default=45)
    dropoff_s = models.PositiveSmallIntegerField(_("temps de descente (s)"), default=30)
    wheelchair_s = models.PositiveSmallIntegerField(_("temps de plus pour un fauteuil (s)"), default=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="one_offering_version")]
        ordering = ["name", "version"]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @cached_property
    def school_holidays(self) -> list[SchoolHoliday]:
        """The school holidays of the territory's zone, read once; none where they change nothing."""
        return [] if self.school == self.School.SAME else school.periods(zones.of_territory())

    @cached_property
    def pauses(self) -> list[Pause]:
        """The pauses that stand for real, read once."""
        return list(Pause.objects.filter(ended=None, exercise=False).select_related("area"))

    def ride_max(self, direct_s: int) -> int:
        """Return the longest ride allowed when the direct one takes ``direct_s`` seconds."""
        by_rule = min(direct_s + self.ride_extra_s, int(direct_s * self.ride_factor))
        return max(by_rule, self.ride_floor_s, direct_s)


impersonal(Offering, "name", why=_("nom d'une offre de service"))


class Hours(models.Model):
    """Opening hours of an offering on one kind of day. Several rows a day are several openings.

    Rows of ``school`` hold during the school holidays, where the offering has other hours then.
    """

    class Day(models.IntegerChoices):
        """Days of the week, and public holidays."""

        MONDAY = 0, _("lundi")
        TUESDAY = 1, _("mardi")
        WEDNESDAY = 2, _("mercredi")
        THURSDAY = 3, _("jeudi")
        FRIDAY = 4, _("vendredi")
        SATURDAY = 5, _("samedi")
        SUNDAY = 6, _("dimanche")
        HOLIDAY = 7, _("jour férié")

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="hours")
    day = models.PositiveSmallIntegerField(choices=Day.choices)
    school = models.BooleanField(default=False, help_text="of the school holidays")
    opens = models.PositiveSmallIntegerField(help_text="minutes after midnight")
    closes = models.PositiveSmallIntegerField(
        help_text="minutes after midnight; above 1440: the next morning"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens"), closes__lte=1800), name="hours_run_forward"
            )
        ]
        ordering = ["day", "opens"]

    def __str__(self) -> str:
        return f"{self.get_day_display()} {self.opens // 60}:{self.opens % 60:02d}"


class Demand(models.Model):
    """A trip asked for and what was answered at once: offers, or a refusal with its reason."""

    class Answer(models.TextChoices):
        """What was answered."""

        OFFERED = "offered", _("proposé")
        REFUSED = "refused", _("refusé")

    class Origin(models.TextChoices):
        """By which way it came."""

        PORTAL = "portal", _("portail")
        API = "api", _("programme")
        AGENT = "agent", _("agent d'accueil")  # before the way in was noted
        PHONE = "phone", _("téléphone")
        COUNTER = "counter", _("guichet")
        PAPER = "paper", _("formulaire papier")
        REPAIR = "repair", _("nouvelle proposition")
        TWIN = "twin", _("jumeau")

    FOR_SOMEBODY = (Origin.AGENT, Origin.PHONE, Origin.COUNTER, Origin.PAPER)

    pid = models.CharField(max_length=24, unique=True, default=demand_id)
    offering = models.ForeignKey(Offering, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(help_text="service time of the answer")
    expires = models.DateTimeField(help_text="wall time until which the offers may be accepted")
    actor = models.CharField(max_length=40, help_text="pseudonymous id of who asked")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    wish = models.JSONField(help_text="what was asked: places, time, load")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    reason = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True)
    offers = models.JSONField(default=list)
    nearest = models.JSONField(default=list, help_text="times that would work, for a refusal")
    receipt = models.CharField(max_length=16, blank=True)
    milliseconds = models.FloatField(default=0, help_text="time the engine took")
    key = models.CharField(max_length=80, null=True, unique=True, help_text="idempotency key")
    replaces = models.ForeignKey(
        "Booking", null=True, blank=True, on_delete=models.SET_NULL, related_name="replacements"
    )

    class Meta:
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.pid} {self.answer}"


personal(
    Demand,
    title=_("Demandes de trajet"),
    people=_("les voyageurs, avec ou sans compte"),
    fields={
        "actor": _("identifiant sans visage de qui a demandé"),
        "wish": _("départ et arrivée arrondis à cent mètres, heure, nombre de voyageurs, fauteuils, bagages"),
        "offers": _("propositions : arrêts, heures, temps de marche"),
        "nearest": _("heures proches qui auraient convenu"),
    },
    purpose=_("Répondre à la demande, expliquer la réponse, mesurer le service"),
    recipients=_("qui connaît le numéro de la demande ; les agents habilités"),
    keep=timedelta(days=90),
    since="at",
    since_words=_("la demande"),
    among={"actor__gt": ""},
    end=through(
        "ressort.services.transport.actions.erasing.forget_demands",
        _(
            "lieux, propositions et identifiant sont effacés ; l'heure, le nombre de voyageurs et la réponse restent"
        ),
    ),
)
impersonal(Demand, "sentence", "reason", why=_("motif et phrase types du service"))
impersonal(Demand, "key", why=_("numéro tiré au hasard contre les doubles envois"))


class ReceiptWay(models.TextChoices):
    """How somebody for whom an agent books receives the confirmation."""

    SMS = "sms", _("SMS")
    EMAIL = "email", _("Courriel")
    LETTER = "letter", _("Lettre")
    PRINT = "print", _("Imprimé maintenant")
    NONE = "none", _("Dit de vive voix")


class Booking(models.Model):
    """A trip that was accepted. The promise says what was promised; ``Contact`` who is concerned."""

    class State(models.TextChoices):
        """Where a booking stands."""

        ACCEPTED = "accepted", _("réservé")
        ABOARD = "aboard", _("à bord")
        DONE = "done", _("arrivé")
        CANCELLED = "cancelled", _("annulé")
        NO_SHOW = "no_show", _("absent")
        BROKEN = "broken", _("non tenu")

    pid = models.CharField(max_length=24, unique=True, default=booking_id)
    code = models.CharField(max_length=12, unique=True, default=follow_code)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="bookings")
    promise = models.OneToOneField(Promise, on_delete=models.PROTECT, related_name="booking")
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="bookings")
    rider = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="bookings"
    )
    owner_pid = models.CharField(max_length=24, blank=True, db_index=True, help_text="of the rider")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACCEPTED)
    origin = models.CharField(max_length=10, choices=Demand.Origin.choices)
    typed_by = models.CharField(max_length=24, blank=True, help_text="agent who booked for somebody")
    mandate = models.CharField(
        max_length=12, blank=True, choices=Mandate.choices, help_text="who asked, when an agent typed"
    )
    receipt_by = models.CharField(
        max_length=6,
        blank=True,
        choices=ReceiptWay.choices,
        help_text="how the confirmation goes; empty: as usual",
    )
    overrun_s = models.PositiveIntegerField(
        default=0, help_text="by how much the promise is known to be overrun"
    )
    agreed = models.BooleanField(
        null=True, help_text="the rider's answer to the later times; None: not asked"
    )
    price_cents = models.PositiveIntegerField(default=0)
    walk_from_s = models.PositiveIntegerField(default=0)
    walk_to_s = models.PositiveIntegerField(default=0)
    asked = models.DateTimeField(help_text="the moment asked for")
    asked_arrival = models.BooleanField(default=False)
    key = models.CharField(max_length=80, null=True, unique=True, help_text="idempotency key")
    created = models.DateTimeField(help_text="service time")

    class Meta:
        indexes = [models.Index(fields=["state", "created"])]

    def __str__(self) -> str:
        return self.pid

    @property
    def organisation_id(self) -> int:
        """The organisation whose offering it is, for the policy table."""
        return int(self.offering.organisation_id)

    @property
    def for_somebody(self) -> bool:
        """Whether an agent booked it for the rider."""
        return self.origin in Demand.FOR_SOMEBODY

    @property
    def topic(self) -> str:
        """The live topic of this trip alone."""
        return f"subject:{self.pid}"


personal(
    Booking,
    title=_("Trajets réservés"),
    people=_("les voyageurs qui ont un compte, et les agents qui réservent pour autrui"),
    fields={
        "rider": _("compte du voyageur"),
        "owner_pid": _("identifiant sans visage du voyageur"),
        "typed_by": _("identifiant sans visage de l'agent qui a saisi"),
        "mandate": _("qui a demandé : la personne, un proche, un professionnel"),
        "code": _("code de suivi"),
        "walk_from_s": _("temps de marche jusqu'à l'arrêt"),
        "walk_to_s": _("temps de marche depuis l'arrêt"),
    },
    purpose=_("Tenir la promesse faite, suivre le trajet, en retrouver l'historique"),
    recipients=_("qui connaît le code de suivi ; les agents habilités ; le conducteur, pour sa tournée"),
    keep=timedelta(days=365),
    since="promise__dropoff_until",
    since_words=_("la fin du trajet"),
    end=blank(
        _("le lien avec la personne est effacé ; arrêts, heures et nombre de voyageurs restent, pour les statistiques"),
        rider=None, owner_pid="", typed_by="", mandate="", walk_from_s=0, walk_to_s=0,
    ),
)  # fmt: skip
impersonal(Booking, "key", why=_("numéro tiré au hasard contre les doubles envois"))


class Report(models.Model):
    """A deed of a driver under its key: told again, it is answered as the first time, and done once."""

    tour = models.ForeignKey(Tour, on_delete=models.PROTECT, related_name="reports")
    key = models.CharField(max_length=40, help_text="made by the device")
    kind = models.CharField(max_length=12)
    done = models.DateTimeField(help_text="when it was done, by the device's service clock")
    received = models.DateTimeField()
    code = models.CharField(max_length=60, blank=True, help_text="of the refusal, if it could not be taken")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tour", "key"], name="one_report_per_key")]

    def __str__(self) -> str:
        return f"{self.tour_id} {self.kind} {self.key}"


impersonal(Report, "key", why=_("numéro tiré au hasard par l'appareil contre les doubles envois"))


class Contact(models.Model):
    """Personal data of a booking, beside it and erasable."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(_("nom"), max_length=120)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    language = models.CharField(max_length=5, default="fr", help_text="of the messages to a guest")
    from_label = models.CharField(max_length=200, blank=True)
    to_label = models.CharField(max_length=200, blank=True)
    note = models.CharField(_("précision pour le conducteur"), max_length=200, blank=True)
    reference = models.CharField(_("référence du mandat"), max_length=60, blank=True)
    postal = models.CharField(_("adresse postale"), max_length=400, blank=True)

    def __str__(self) -> str:
        return f"contact {self.booking_id}"


personal(
    Contact,
    title=_("Coordonnées des voyageurs"),
    people=_("les voyageurs, avec ou sans compte"),
    fields={
        "name": _("nom"),
        "phone": _("téléphone"),
        "email": _("adresse électronique"),
        "from_label": _("lieu de départ, tel qu'il a été écrit"),
        "to_label": _("lieu d'arrivée, tel qu'il a été écrit"),
        "note": _("précision pour le conducteur"),
        "reference": _("référence donnée par qui demande pour la personne (numéro de formulaire)"),
        "postal": _("adresse postale, pour une lettre de confirmation"),
    },
    purpose=_("Reconnaître le voyageur à la montée, le prévenir d'un changement, répondre à une réclamation"),
    recipients=_("le conducteur, pour sa tournée ; les agents habilités ; qui connaît le code de suivi"),
    keep=timedelta(days=90),
    since="booking__promise__dropoff_until",
    since_words=_("la fin du trajet"),
    end=erase(),
)
