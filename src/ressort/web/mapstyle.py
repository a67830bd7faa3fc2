"""Our own map style: streets painted with the design tokens, labels in the local font, no glyph server.

The attributes styled here are those of ``core/network/tiles.py``. Specification: MapLibre style 8.
"""

from __future__ import annotations

from typing import Any

from ressort.web.tokens import Theme, colours

FONT = ["Atkinson Hyperlegible Next"]  # a CSS family: text is drawn by the browser itself
Layer = dict[str, Any]

# class -> token, width in pixels at zooms 10, 14 and 18, first zoom, rank (drawn last on top)
ROADS: dict[str, tuple[str, tuple[float, float, float], int, int]] = {
    "path": ("map-path", (0, 0.9, 3), 14, 0),
    "track": ("map-path", (0, 0.9, 3), 13, 1),
    "pedestrian": ("map-walk", (0, 2.4, 14), 13, 2),
    "service": ("map-road", (0, 1.6, 9), 13, 3),
    "residential": ("map-road", (0.4, 3.2, 17), 12, 4),
    "tertiary": ("map-road", (0.9, 5, 22), 11, 5),
    "secondary": ("map-road-2", (1.4, 6.5, 26), 10, 6),
    "primary": ("map-road-1", (1.9, 7.5, 28), 9, 7),
    "trunk": ("map-road-0", (2.4, 8, 30), 8, 8),
    "motorway": ("map-road-0", (2.8, 9, 32), 8, 9),
}
LAND = {
    "residential": "map-built",
    "industrial": "map-industry",
    "retail": "map-industry",
    "parking": "map-industry",
    "farmland": "map-farm",
    "vineyard": "map-vineyard",
    "wood": "map-wood",
    "park": "map-park",
    "grass": "map-park",
    "cemetery": "map-park",
    "pitch": "map-pitch",
    "school": "map-place",
    "hospital": "map-place",
    "pedestrian": "map-walk",
}


def style(theme: Theme, version: str, attribution: str) -> dict[str, Any]:
    """Return the style of a street network.

    Parameters
    ----------
    theme : {"light", "dark"}
    version : str
        Network version whose tiles are drawn; empty draws the ground alone.
    attribution : str
        Where the streets come from, shown in the corner (plain text or links).
    """
    paint = colours(theme)
    ground: Layer = {"id": "ground", "type": "background", "paint": {"background-color": paint["map-land"]}}
    found: dict[str, Any] = {"version": 8, "name": f"Ressort {theme}", "sources": {}, "layers": [ground]}
    if version:
        found["sources"]["streets"] = {
            "type": "vector",
            "tiles": [f"/tiles/{version}/{{z}}/{{x}}/{{y}}.pbf"],
            "minzoom": 8,
            "maxzoom": 14,
            "attribution": attribution,
        }
        found["layers"] += [*_ground(paint), *_roads(paint), *_names(paint)]
    return found


def _layer(name: str, kind: str, source: str, paint: dict[str, Any], **more: Any) -> Layer:
    """Return one layer of the style; ``min_zoom``, ``where`` and ``layout`` are optional."""
    layer: Layer = {"id": name, "type": kind, "source": "streets", "source-layer": source, "paint": paint}
    if "min_zoom" in more:
        layer["minzoom"] = more["min_zoom"]
    if "where" in more:
        layer["filter"] = more["where"]
    if "layout" in more:
        layer["layout"] = more["layout"]
    return layer


def _zooms(*stops: tuple[float, Any], base: float = 1.5) -> list[Any]:
    return ["interpolate", ["exponential", base], ["zoom"], *(part for stop in stops for part in stop)]


def _ground(paint: dict[str, str]) -> list[Layer]:
    colour = [
        "match",
        ["get", "class"],
        *(v for name, token in LAND.items() for v in (name, paint[token])),
        paint["map-land"],
    ]
    ridged = {
        "line-color": paint["map-building-edge"],
        "line-width": 0.6,
        "line-opacity": _zooms((14, 0), (15, 1)),
    }
    return [
        _layer("land", "fill", "landuse", {"fill-color": colour, "fill-antialias": True}),
        _layer("water", "fill", "water", {"fill-color": paint["map-water"]}),
        _layer(
            "waterway",
            "line",
            "waterway",
            {"line-color": paint["map-water"], "line-width": _zooms((9, 0.8), (13, 2.2), (17, 9))},
            layout={"line-cap": "round", "line-join": "round"},
        ),
        _layer("building", "fill", "building", {"fill-color": paint["map-building"]}, min_zoom=13),
        _layer("building-edge", "line", "building", ridged, min_zoom=14),
    ]


def _width(at: int, extra: float = 0.0) -> list[Any]:
    """Return the width of every class at one of its three zooms; ramps are two thirds of their class."""
    widths = ["match", ["get", "class"], *(v for name, row in ROADS.items() for v in (name, row[1][at])), 1]
    return ["+", ["*", widths, ["case", ["==", ["get", "ramp"], 1], 0.66, 1]], extra]


def _roads(paint: dict[str, str]) -> list[Layer]:
    rank = ["match", ["get", "class"], *(v for name, row in ROADS.items() for v in (name, row[3])), 0]
    fill = [
        "match",
        ["get", "class"],
        *(v for name, row in ROADS.items() for v in (name, paint[row[0]])),
        paint["map-road"],
    ]
    casing = ["match", ["get", "class"], ["motorway", "trunk"], paint["map-casing-0"], paint["map-casing"]]
    thin = ["in", ["get", "class"], ["literal", ["path", "track"]]]
    tunnel = ["==", ["get", "tunnel"], 1]
    bridge = ["==", ["get", "bridge"], 1]
    layout = {"line-cap": "round", "line-join": "round", "line-sort-key": rank}
    inside = {"line-color": fill, "line-width": _zooms((10, _width(0)), (14, _width(1)), (18, _width(2)))}
    around = {
        "line-color": casing,
        "line-width": _zooms((10, _width(0, 0.8)), (14, _width(1, 1.6)), (18, _width(2, 2.6))),
        "line-opacity": _zooms((11, 0), (12.5, 1)),
    }
    wide = ["!", thin]
    dashed = {
        "line-color": paint["map-path"],
        "line-width": _zooms((13, 0.8), (18, 2.6)),
        "line-dasharray": [2.2, 1.4],
    }
    rail = {"line-color": paint["map-rail"], "line-width": _zooms((9, 0.6), (14, 1.6), (18, 3.4))}
    sleepers = {**rail, "line-width": _zooms((13, 3), (18, 9)), "line-dasharray": [0.25, 2.4]}
    limit = {
        "line-color": paint["map-limit"],
        "line-width": _zooms((8, 0.6), (14, 1.6)),
        "line-dasharray": [4, 2, 1, 2],
        "line-opacity": 0.45,
    }
    return [
        _layer(
            "tunnel",
            "line",
            "road",
            {**inside, "line-opacity": 0.45},
            where=["all", tunnel, wide],
            layout=layout,
        ),
        _layer("path", "line", "road", dashed, where=thin, min_zoom=13),
        _layer(
            "road-casing",
            "line",
            "road",
            around,
            where=["all", ["!", tunnel], ["!", bridge], wide],
            layout=layout,
        ),
        _layer(
            "road", "line", "road", inside, where=["all", ["!", tunnel], ["!", bridge], wide], layout=layout
        ),
        _layer("rail", "line", "rail", rail),
        _layer("rail-sleepers", "line", "rail", sleepers, min_zoom=13),
        _layer(
            "bridge-casing",
            "line",
            "road",
            around,
            where=["all", bridge, wide],
            layout={**layout, "line-cap": "butt"},
        ),
        _layer("bridge", "line", "road", inside, where=["all", bridge, wide], layout=layout),
        _layer("limit", "line", "boundary", limit),
    ]


def _text(paint: dict[str, str], token: str, width: float = 1.4) -> dict[str, Any]:
    return {"text-color": paint[token], "text-halo-color": paint["map-halo"], "text-halo-width": width}


def _names(paint: dict[str, str]) -> list[Layer]:
    along = {"symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT}
    named = ["has", "name"]
    sizes = {
        "city": (13, 24),
        "town": (12, 18),
        "village": (11, 15),
        "suburb": (10.5, 14),
        "hamlet": (10, 12),
    }

    def place(name: str, min_zoom: float) -> Layer:
        small, large = sizes[name]
        layout: dict[str, Any] = {
            "text-field": ["get", "name"],
            "text-font": FONT,
            "text-size": _zooms((8, small), (14, large), base=1),
            "text-max-width": 8,
            "symbol-sort-key": ["coalesce", ["get", "rank"], 99],
            "text-padding": 6,
        }
        if name in {"suburb", "hamlet"}:
            layout["text-letter-spacing"] = 0.04
        token = "map-label" if name in {"city", "town", "village"} else "map-label-2"
        return _layer(
            f"place-{name}", "symbol", "place", _text(paint, token, 1.8), where=["==", ["get", "class"], name],
            min_zoom=min_zoom, layout=layout,
        )  # fmt: skip

    street_size = _zooms((12, 10.5), (16, 13), (18, 15), base=1)
    major = ["in", ["get", "class"], ["literal", ["motorway", "trunk", "primary", "secondary"]]]
    return [
        _layer("water-name", "symbol", "waterway", _text(paint, "map-water-label", 1.2), where=named, min_zoom=12,
               layout={**along, "text-size": 12, "text-letter-spacing": 0.06, "symbol-spacing": 500}),
        _layer("water-area-name", "symbol", "water", _text(paint, "map-water-label", 1.2), where=named, min_zoom=11,
               layout={"text-field": ["get", "name"], "text-font": FONT, "text-size": 12.5, "text-max-width": 7}),
        _layer("road-name-major", "symbol", "road", _text(paint, "map-label"), where=["all", named, major], min_zoom=13,
               layout={**along, "text-size": street_size, "symbol-spacing": 380}),
        _layer("road-name", "symbol", "road", _text(paint, "map-label-2"), where=["all", named, ["!", major]],
               min_zoom=14.5, layout={**along, "text-size": street_size, "symbol-spacing": 320}),
        place("hamlet", 12.5),
        place("suburb", 11.5),
        place("village", 9.5),
        place("town", 8.5),
        place("city", 8),
    ]  # fmt: skip
