"""Tables of the room: who is at which desk, and the handovers from one shift to the next."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.privacy import blank, erase, personal

_USER = settings.AUTH_USER_MODEL


class Presence(models.Model):
    """Somebody at a desk of the control room, from when they came until they left."""

    class Duty(models.TextChoices):
        """What they do there."""

        CHIEF = "chief", _("chef de salle")
        OPERATOR = "operator", _("opérateur")
        LIAISON = "liaison", _("liaison avec un partenaire")
        OBSERVER = "observer", _("observateur")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    desk = models.CharField(_("pupitre"), max_length=60, blank=True)
    duty = models.CharField(max_length=10, choices=Duty, default=Duty.OPERATOR)
    came = models.DateTimeField(help_text="service time")
    left = models.DateTimeField(null=True, help_text="service time")

    class Meta:
        ordering = ["came", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(left=None), name="one_desk_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.pk}"


personal(
    Presence,
    title=_("Présences en salle"),
    people=_("les agents du poste de commandement"),
    fields={"user": _("qui"), "desk": _("pupitre"), "came": _("arrivée"), "left": _("départ")},
    purpose=_("Savoir qui est en salle, et qui y était"),
    recipients=_("les agents et opérateurs de l'organisme"),
    keep=timedelta(days=365),
    since="left",
    since_words=_("le départ"),
    among={"left__isnull": False},
    end=erase(),
)


class Handover(models.Model):
    """What a shift leaves to the next: its notes, and how things stood when somebody took over."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    notes = models.TextField(_("consignes"), blank=True)
    written = models.DateTimeField(help_text="service time of the last writing")
    version = models.PositiveIntegerField(default=1, help_text="one more at each writing")
    taken = models.DateTimeField(null=True, help_text="service time")
    taken_by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+")
    picture = models.JSONField(default=dict, help_text="how things stood when it was taken: ids and codes")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(taken=None), name="one_handover_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.pk}"


personal(
    Handover,
    title=_("Relèves"),
    people=_("les agents du poste de commandement, et les personnes que des consignes nommeraient"),
    fields={
        "by": _("qui a laissé les consignes"),
        "taken_by": _("qui a pris la relève"),
        "notes": _("consignes, telles qu'elles ont été écrites"),
        "picture": _("numéros de ce qui était en cours"),
    },
    purpose=_("Passer la conduite de la salle d'une équipe à la suivante, et en garder la trace"),
    recipients=_("les agents et opérateurs de l'organisme"),
    keep=timedelta(days=3 * 365),
    since="taken",
    since_words=_("la prise de relève"),
    among={"taken__isnull": False},
    end=blank(_("les consignes et les noms sont effacés"), notes="", by=None, taken_by=None),
)
