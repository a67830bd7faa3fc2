"""The application of the face."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, components and the map."""

    name = "ressort.web"
    label = "web"
    verbose_name = "interface"
