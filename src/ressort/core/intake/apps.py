"""Application of the intake."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The observations of devices."""

    name = "ressort.core.intake"

    def ready(self) -> None:
        """Declare the kinds of events, so that any process can tell them."""
        from ressort.core.intake import catalogue, decoding, quarantine

        assert catalogue
        assert decoding
        assert quarantine
