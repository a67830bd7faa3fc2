"""Addresses: the face at the root, each service under its name, the programs' interface under /api/v1/."""

from django.conf import settings
from django.urls import include, path

from ressort.config.api import api

urlpatterns = [
    path("", include("ressort.web.urls")),
    path("api/v1/", api.urls),
    *[path("", include(f"ressort.services.{name}.urls")) for name in settings.SERVICES],
    *([path("", include("ressort.twin.urls"))] if settings.DEMO else []),
]

handler400 = "ressort.web.errors.bad_request"
handler403 = "ressort.web.errors.forbidden"
handler404 = "ressort.web.errors.not_found"
handler500 = "ressort.web.errors.broken"
