"""Application of the twin."""

from django.apps import AppConfig
from django.conf import settings


class TwinConfig(AppConfig):
    """Registers the demonstration's own jobs where there is a demonstration."""

    name = "ressort.twin"

    def ready(self) -> None:
        """Let any worker of a demonstration advance its clock."""
        if settings.DEMO:
            from ressort.twin import day

            assert day.ADVANCE_JOB
