"""The persisted offset and rate of the service clock."""

from django.db import models


class ClockState(models.Model):
    """The single row (id 1) of a simulated clock; no row means that service time is wall time."""

    service_anchor = models.DateTimeField(help_text="service time at the wall anchor")
    wall_anchor = models.DateTimeField()
    rate = models.FloatField(default=1.0, help_text="service seconds per wall second; 0 stands still")
    beat = models.DateTimeField(help_text="last wall time at which the simulation was known to run")
    horizon = models.DateTimeField(
        null=True, help_text="service time that is not passed before what is due until then was played"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="clock_one_row")]

    def __str__(self) -> str:
        return f"x{self.rate:g}"
