"""What the twin must not forget when its process dies."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import impersonal


class TwinState(models.Model):
    """The single row (id 1) of a demonstration."""

    seed = models.PositiveIntegerField(default=1)
    day = models.DateField(help_text="service day whose riders are being played")
    played = models.PositiveIntegerField(default=0, help_text="riders of the day already played")
    riders = models.PositiveIntegerField(default=900, help_text="riders a day")
    rate = models.FloatField(default=10.0, help_text="speed of the clock when nobody advances it")
    source = models.CharField(max_length=255, help_text="what the demonstration was made from")
    ready = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="twin_one_row")]

    def __str__(self) -> str:
        return f"{self.day} {self.played}"


impersonal(TwinState, "source", why=_("nom d'une ville fictive ou d'un fichier"))
