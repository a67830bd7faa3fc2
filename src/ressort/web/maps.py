"""The map's style and its street tiles."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from ressort.core.network.outline import read_outline
from ressort.core.network.tiles import read_tile
from ressort.web.doors import door
from ressort.web.mapstyle import style
from ressort.web.tokens import Theme

FOR_EVER = "public, max-age=31536000, immutable"
OSM = '<a href="https://www.openstreetmap.org/copyright">© OpenStreetMap</a>'


@door("map.see")
@require_safe
def map_style(request: HttpRequest, theme: str) -> HttpResponse:
    """Answer the style of the network in service; ``v`` in the address makes it cacheable."""
    if theme not in {"light", "dark"}:
        raise Http404(_("Les deux apparences de la carte sont « light » et « dark »."))
    from ressort.core.network.models import NetworkVersion

    network = (
        NetworkVersion.objects.filter(state=NetworkVersion.State.ACTIVE)
        .values("id", "name", "source")
        .first()
    )
    version = str(network["id"]) if network else ""
    answer = JsonResponse(
        style(
            cast("Theme", theme),
            version,
            attribution({"name": network["name"], "source": network["source"]}) if network else "",
        )
    )
    fresh = request.GET.get("v") == version and version
    answer["Cache-Control"] = "public, max-age=3600" if fresh else "no-cache"
    return answer


def attribution(network: dict[str, str]) -> str:
    """Return where the streets come from; the fictitious town says that it is."""
    if "fictif" in network["name"].lower() or "town" in network["source"].lower():
        return escape(_("Rues fictives, communes réelles"))
    return OSM


@door("map.see")
@require_safe
def tile(request: HttpRequest, version: str, z: int, x: int, y: int) -> HttpResponse:
    """Answer one street tile, gzip-compressed as it is kept; nothing there is 204."""
    del request
    data = read_tile(str(version), z, x, y)
    if data is None:
        return HttpResponse(status=204, headers={"Cache-Control": "public, max-age=3600"})
    return HttpResponse(
        data,
        content_type="application/vnd.mapbox-vector-tile",
        headers={"Content-Encoding": "gzip", "Cache-Control": FOR_EVER},
    )


@gzip_page
@door("map.see")
@require_safe
def outline(request: HttpRequest, version: str) -> HttpResponse:
    """Answer the drawing that stands where the map waits to be asked for; none is 204."""
    del request
    data = read_outline(str(version))
    if data is None:
        return HttpResponse(status=204, headers={"Cache-Control": "public, max-age=3600"})
    return HttpResponse(data, content_type="image/svg+xml", headers={"Cache-Control": FOR_EVER})
