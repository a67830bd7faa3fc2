"""Tables of incidents: what happens, what is to be done, what was written and joined, who may read along."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.privacy import impersonal, personal, through

KEEP = timedelta(days=3 * 365)
_USER = settings.AUTH_USER_MODEL


def incident_id() -> str:
    """Return a new pseudonymous id of an incident."""
    return f"i_{secrets.token_hex(8)}"


class Numbering(models.Model):
    """The last number given in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Incident(models.Model):
    """Something to handle, from the moment it is known until its report."""

    class State(models.TextChoices):
        """Where an incident stands."""

        NEW = "new", _("à prendre en charge")
        TAKEN = "taken", _("en cours")
        CLOSED = "closed", _("clos")
        MERGED = "merged", _("fusionné")

    class Priority(models.TextChoices):
        """How much it presses."""

        VITAL = "vital", _("vitale")
        HIGH = "high", _("haute")
        NORMAL = "normal", _("normale")
        LOW = "low", _("basse")

    class Category(models.TextChoices):
        """What it is about."""

        ROAD = "road", _("voirie et circulation")
        SIGNAL = "signal", _("feux et signalisation")
        LIGHT = "light", _("éclairage")
        WATER = "water", _("eau et assainissement")
        BUILDING = "building", _("bâtiment")
        WEATHER = "weather", _("météo")
        SAFETY = "safety", _("sécurité des personnes")
        TRANSPORT = "transport", _("transport")
        CLEAN = "clean", _("propreté")
        NETWORK = "network", _("réseaux et informatique")
        OTHER = "other", _("autre")

    class Outcome(models.TextChoices):
        """How it ended."""

        SOLVED = "solved", _("résolu")
        FALSE = "false", _("fausse alerte")
        HANDED = "handed", _("transmis à un autre service")
        NOTHING = "nothing", _("sans suite")

    class Source(models.TextChoices):
        """Where it came from."""

        HAND = "hand", _("ouvert à la main")
        ALARM = "alarm", _("alarme")
        REPORT = "report", _("signalement")
        CALL = "call", _("appel")
        PAPER = "paper", _("fiche papier")

    OPEN = (State.NEW, State.TAKEN)

    pid = models.CharField(max_length=24, unique=True, default=incident_id)
    number = models.CharField(max_length=16, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="incidents")
    title = models.CharField(_("titre"), max_length=120)
    category = models.CharField(max_length=10, choices=Category.choices)
    priority = models.CharField(max_length=8, choices=Priority.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.HAND)
    source_id = models.CharField(max_length=40, blank=True, help_text="of the alarm, the report, the call")
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    opened = models.DateTimeField(help_text="service time")
    counted = models.DateTimeField(help_text="since when the clocks run: the opening, or the last reopening")
    take_by = models.DateTimeField(help_text="taken in charge within")
    solve_by = models.DateTimeField(help_text="solved within")
    taken = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closed = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    report = models.TextField(_("compte rendu"), blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    before_merge = models.CharField(max_length=8, blank=True, help_text="state to come back to")
    situation = models.ForeignKey(
        "Situation", null=True, blank=True, on_delete=models.PROTECT, related_name="incidents"
    )

    class Meta:
        indexes = [models.Index(fields=["state", "opened"]), models.Index(fields=["source", "source_id"])]
        ordering = ["-opened", "-pk"]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.state in self.OPEN

    @property
    def exercise(self) -> bool:
        """Whether it belongs to an exercise: nothing of it is real."""
        return bool(self.situation_id and self.situation and self.situation.exercise)

    @property
    def topic(self) -> str:
        """The live topic of this incident alone."""
        return f"subject:{self.pid}"


personal(
    Incident,
    title=_("Incidents"),
    people=_("les agents qui en répondent, et les personnes qu'un titre ou un compte rendu nommerait"),
    fields={
        "title": _("titre, tel qu'il a été écrit"),
        "address": _("lieu, tel qu'il a été écrit"),
        "lon": _("point sur la carte"),
        "lat": _("point sur la carte"),
        "report": _("compte rendu de clôture"),
        "taken_by": _("agent qui l'a pris en charge"),
    },
    purpose=_("Conduire ce qui arrive sur le territoire, et en rendre compte"),
    recipients=_("les agents de l'organisme ; ses partenaires, pour ce qui leur est partagé et jusqu'à la date dite"),
    keep=KEEP,
    since="closed",
    since_words=_("la clôture"),
    among={"closed__isnull": False, "title__gt": ""},
    end=through(
        "ressort.services.controlroom.incidents.actions.erasing.forget_incidents",
        _("titre, lieu, main courante, tâches, pièces et compte rendu sont effacés ; dates, catégorie et durées restent"),
    ),
)  # fmt: skip


impersonal(
    Incident,
    "pid",
    "take_by",
    "solve_by",
    why=_("identifiant tiré au hasard, et limites de temps"),
)


class Involved(models.Model):
    """An organisation that has to do with an incident. With an account here, it may read along until a date."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="involved")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT)
    name = models.CharField(_("organisme"), max_length=120)
    shared_until = models.DateTimeField(null=True, blank=True, help_text="service time")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "name"], name="one_row_per_organisation")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> datetime | None:
        """A moment of the last day on which it is shared."""
        return self.shared_until - timedelta(seconds=1) if self.shared_until else None


impersonal(Involved, "name", why=_("nom d'un organisme"))


class Todo(models.Model):
    """A task of an incident: done or not, by whom."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="todos")
    text = models.CharField(_("tâche"), max_length=200)
    who = models.CharField(_("qui"), max_length=80, blank=True)
    at = models.DateTimeField(help_text="service time of its writing")
    done = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    dropped = models.DateTimeField(null=True, blank=True, help_text="no longer to be done; kept")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.pk}"


_WITH_INCIDENT = through(
    "ressort.services.controlroom.incidents.actions.erasing.forget_rows", _("effacé avec le reste de l'incident")
)  # fmt: skip


def with_incident(model: type[models.Model], title: Any, fields: dict[str, Any]) -> None:
    """Declare a table whose rows end with their incident."""
    personal(
        model,
        title=title,
        people=_("les agents, et les personnes que le texte nommerait"),
        fields=fields,
        purpose=_("Conduire ce qui arrive sur le territoire, et en rendre compte"),
        recipients=_("les agents de l'organisme ; ses partenaires, pour ce qui leur est partagé"),
        keep=KEEP,
        since="incident__closed",
        since_words=_("la clôture de l'incident"),
        among={"incident__closed__isnull": False},
        end=_WITH_INCIDENT,
    )


with_incident(
    Todo,
    _("Tâches des incidents"),
    {"text": _("ce qui est à faire"), "who": _("à qui c'est confié"), "done_by": _("qui l'a noté fait")},
)


class Line(models.Model):
    """A line of the log (*main courante*). Never changed nor removed by anybody: a correction stands beside."""

    class Kind(models.TextChoices):
        """What the line tells."""

        NOTE = "note", _("note")
        CALL = "call", _("appel")
        DEED = "deed", _("action")
        DECISION = "decision", _("décision")
        FIELD = "field", _("terrain")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(help_text="service time of what it tells")
    written = models.DateTimeField(help_text="service time of its writing")
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NOTE)
    text = models.TextField(_("texte"))
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="corrections"
    )

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.at:%H:%M}"


with_incident(Line, _("Main courante"), {"text": _("ce qui est écrit"), "by": _("qui l'a écrit")})


class Attachment(models.Model):
    """A picture or a document joined to an incident. Its file is kept under the digest of its content."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(_("nom du fichier"), max_length=120)
    mime = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(help_text="service time")
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    removed = models.DateTimeField(null=True, blank=True, help_text="hidden; may come back until the closing")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.digest[:12]

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it in the page."""
        return self.mime.startswith("image/")


with_incident(
    Attachment,
    _("Pièces jointes aux incidents"),
    {"name": _("nom du fichier"), "digest": _("le fichier lui-même : photo ou document"), "by": _("qui l'a joint")},
)  # fmt: skip
