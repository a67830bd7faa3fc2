"""What OpenStreetMap tags mean here: classes of roads, of areas and of points (wiki.openstreetmap.org/wiki/Map_features)."""

from __future__ import annotations

from collections.abc import Mapping

type Tags = Mapping[str, str]

ROADS: dict[str, str] = {
    "motorway": "motorway",
    "trunk": "trunk",
    "primary": "primary",
    "secondary": "secondary",
    "tertiary": "tertiary",
    "unclassified": "residential",
    "residential": "residential",
    "living_street": "residential",
    "road": "residential",
    "service": "service",
    "track": "track",
    "pedestrian": "pedestrian",
    "footway": "path",
    "path": "path",
    "cycleway": "path",
    "steps": "path",
    "bridleway": "path",
    "busway": "service",
}
DRIVABLE = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary", "residential"})
CLOSED_TO_ALL = frozenset({"no", "private"})

_LANDUSE = {
    "residential": "residential",
    "industrial": "industrial",
    "port": "industrial",
    "quarry": "industrial",
    "railway": "industrial",
    "retail": "retail",
    "commercial": "retail",
    "farmland": "farmland",
    "farmyard": "farmland",
    "vineyard": "vineyard",
    "orchard": "vineyard",
    "forest": "wood",
    "meadow": "grass",
    "grass": "grass",
    "village_green": "grass",
    "recreation_ground": "grass",
    "allotments": "grass",
    "cemetery": "cemetery",
}
_NATURAL = {"wood": "wood", "scrub": "wood", "grassland": "grass", "heath": "grass", "wetland": "wetland"}
_LEISURE = {
    "park": "park",
    "garden": "park",
    "golf_course": "park",
    "pitch": "pitch",
    "stadium": "pitch",
    "sports_centre": "pitch",
}
_AMENITY = {
    "grave_yard": "cemetery",
    "school": "school",
    "college": "school",
    "university": "school",
    "hospital": "hospital",
    "parking": "parking",
}
_POI_AMENITY = {
    "hospital": "hospital",
    "clinic": "hospital",
    "fire_station": "fire_station",
    "police": "police",
    "townhall": "town_hall",
    "pharmacy": "pharmacy",
    "school": "school",
    "college": "school",
    "university": "school",
    "bus_station": "station",
    "marketplace": "market",
}
PLACES = ("city", "town", "village", "hamlet", "suburb")


def road_class(tags: Tags) -> tuple[str, bool] | None:
    """Return ``(class, is it a link)`` of a way that is a street or a path, None otherwise."""
    value = tags.get("highway")
    if value is None or tags.get("area") == "yes":
        return None
    ramp = value.endswith("_link")
    found = ROADS.get(value.removesuffix("_link"))
    return None if found is None else (found, ramp)


def is_drivable(tags: Tags, cls: str) -> bool:
    """Tell whether the public may drive on such a street (what a street network is refused without)."""
    if cls not in DRIVABLE:
        return False
    access = tags.get("motor_vehicle") or tags.get("vehicle") or tags.get("access")
    return access not in CLOSED_TO_ALL


def oneway(tags: Tags) -> int:
    """Return 1 when traffic follows the way's direction only, -1 when it goes against it, 0 otherwise."""
    value = tags.get("oneway", "")
    if value in {"yes", "true", "1"} or tags.get("junction") in {"roundabout", "circular"}:
        return 1
    if value in {"-1", "reverse"}:
        return -1
    return 1 if not value and tags.get("highway") == "motorway" else 0


def area_class(tags: Tags) -> tuple[str, str] | None:
    """Return ``(layer, class)`` of a closed shape that the map draws, None when it draws nothing."""
    if "building" in tags:
        return None if tags.get("building") == "no" else ("building", "building")
    natural = tags.get("natural", "")
    if (
        natural == "water"
        or tags.get("waterway") in {"riverbank", "dock"}
        or tags.get("landuse") in {"reservoir", "basin"}
    ):
        return (
            "water",
            "river" if tags.get("water") in {"river", "canal"} or "waterway" in tags else "water",
        )
    if natural == "wetland":
        return ("water", "wetland")
    if tags.get("highway") == "pedestrian" or (tags.get("place") == "square"):
        return ("landuse", "pedestrian")
    found = (
        _LEISURE.get(tags.get("leisure", ""))
        or _AMENITY.get(tags.get("amenity", ""))
        or _NATURAL.get(natural)
        or _LANDUSE.get(tags.get("landuse", ""))
    )
    return ("landuse", found) if found else None


def line_class(tags: Tags) -> tuple[str, str] | None:
    """Return ``(layer, class)`` of a rail or a watercourse, None otherwise."""
    rail = tags.get("railway", "")
    if rail in {"rail", "light_rail", "narrow_gauge"} and "service" not in tags:
        return ("rail", "rail")
    if rail in {"tram", "subway"}:
        return ("rail", rail)
    water = tags.get("waterway", "")
    if water in {"river", "canal", "stream"}:
        return ("waterway", water)
    return None


def feature_kind(tags: Tags) -> str | None:
    """Return the inventory kind of a point or building: signal, bollard, hospital, stop, …; None otherwise."""
    highway = tags.get("highway", "")
    platform = tags.get("public_transport") == "platform" and tags.get("bus") == "yes"
    station = tags.get("railway") in {"station", "halt"} and tags.get("station") != "subway"
    rules = (
        ("signal", highway == "traffic_signals"),
        ("crossing", highway == "crossing" or tags.get("crossing") == "traffic_signals"),
        ("stop", highway == "bus_stop" or platform or tags.get("railway") == "tram_stop"),
        ("bollard", tags.get("barrier") in {"bollard", "rising_bollard"}),
        ("station", station),
        ("hospital", tags.get("healthcare") == "hospital"),
    )
    return next((kind for kind, holds in rules if holds), None) or _POI_AMENITY.get(tags.get("amenity", ""))
