"""The application of the face."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, components and the map."""

    name = "ressort.web"
    label = "web"
    verbose_name = "interface"

    def ready(self) -> None:
        """Register the messages that the house writes."""
        from ressort.web import notices  # noqa: F401 - registers
