"""From lines to a street graph: junctions, classes, what is pruned, what is one-way, and who can still get everywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import LineString

from ressort.twin.town.blocks import Cut, Density
from ressort.twin.town.plane import Array, Bend
from ressort.twin.town.skeleton import Skeleton

ARTERIES = frozenset({"primary", "secondary", "tertiary"})
MOTOR = frozenset(
    {"trunk", "primary", "secondary", "tertiary", "residential", "unclassified", "living_street"}
)


@dataclass(slots=True)
class Edge:
    """A piece of street between two junctions. ``line`` goes from node ``a`` to node ``b``, metres."""

    a: int
    b: int
    line: Array
    cls: str
    street: int
    kind: str
    want: float
    bridge: bool = False
    oneway: bool = False
    ramp: bool = False
    name: str = ""
    commune: int = -1
    roundabout: bool = False
    speed: int = 0
    bollard_a: bool = False
    bollard_b: bool = False

    @property
    def length(self) -> float:
        """Length in metres."""
        return float(np.hypot(*np.diff(self.line, axis=0).T).sum())


@dataclass(slots=True)
class Streets:
    """The graph: edges, and for each street (a line drawn at once) where it leads."""

    edges: list[Edge] = field(default_factory=list)
    towards: list[str] = field(default_factory=list)
    nodes: list[tuple[float, float]] = field(default_factory=list)

    def around(self) -> dict[int, list[int]]:
        """Return the edges at each node."""
        found: dict[int, list[int]] = defaultdict(list)
        for index, edge in enumerate(self.edges):
            found[edge.a].append(index)
            found[edge.b].append(index)
        return found

    def node(self, x: float, y: float) -> int:
        """Add a node and return its number."""
        self.nodes.append((x, y))
        return len(self.nodes) - 1

    def new_street(self, towards: str) -> int:
        """Return a new street number."""
        self.towards.append(towards)
        return len(self.towards) - 1


def assemble(
    rng: np.random.Generator, skeleton: Skeleton, cuts: list[Cut], density: Density, bend: Bend
) -> Streets:
    """Return the streets as a graph, bent, pruned and in one piece."""
    streets = Streets()
    sources: list[LineString] = []
    labels: list[tuple[str, str]] = []
    for artery in skeleton.arteries:
        sources.append(artery.line)
        labels.append((artery.cls, "artery"))
        streets.new_street(artery.towards)
    for ring in shapely.get_parts(shapely.get_parts(skeleton.barriers.boundary)):
        sources.append(ring)
        labels.append(("residential", "front"))
        streets.new_street("front")
    for cut in cuts:
        sources.append(cut.line)
        long = cut.line.length > 700 and cut.area < 60_000
        labels.append(("tertiary" if long else "residential", "cut"))
        streets.new_street("cut")
    _node_edges(streets, skeleton, sources, labels, density)
    _prune(rng, streets, skeleton)
    _collapse(streets)
    _keep_connected(streets, range(len(streets.edges)))
    for edge in streets.edges:
        edge.line = shapely.get_coordinates(bend.line(LineString(edge.line)))
    streets.nodes = [(float(x), float(y)) for x, y in bend(np.array(streets.nodes))]
    return streets


def _node_edges(
    streets: Streets,
    skeleton: Skeleton,
    sources: list[LineString],
    labels: list[tuple[str, str]],
    density: Density,
) -> None:
    """Cut all lines where they meet, and find for each piece the line it comes from."""
    pieces = shapely.get_parts(shapely.union_all(np.array(sources, dtype=object), grid_size=0.5))
    starts = shapely.get_coordinates(shapely.get_point(pieces, 0))
    pieces = pieces[np.lexsort((starts[:, 1], starts[:, 0], shapely.length(pieces)))]
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    tree = STRtree(sources)
    where, which = tree.query(middles, predicate="dwithin", distance=1.5)
    rank = {"artery": 0, "front": 1, "cut": 2}
    best: dict[int, tuple[int, int]] = {}
    for piece, source in zip(where.tolist(), which.tolist(), strict=True):
        found = (rank[labels[source][1]], source)
        best[piece] = min(best.get(piece, (9, 0)), found)
    want = density(shapely.get_coordinates(middles))
    over = shapely.contains(skeleton.barriers, middles)
    index: dict[tuple[float, float], int] = {}
    for number, piece in enumerate(pieces):
        if number not in best:
            continue
        source = best[number][1]
        line = _along(shapely.get_coordinates(piece), sources[source])
        ends = []
        for x, y in (line[0], line[-1]):
            key = (float(x), float(y))
            if key not in index:
                index[key] = streets.node(*key)
            ends.append(index[key])
        cls, kind = labels[source]
        edge = Edge(ends[0], ends[1], line, cls, source, kind, float(want[number]), bridge=bool(over[number]))
        if kind == "artery" or not edge.bridge:
            streets.edges.append(edge)


def _along(line: Array, source: LineString) -> Array:
    """Return a piece in the direction of the line it was cut from, so that a one-way street runs one way."""
    begin, end = (source.project(shapely.Point(*line[i])) for i in (0, -1))
    backwards = begin > end
    if source.is_closed and abs(begin - end) > source.length / 2:
        backwards = not backwards
    return line[::-1] if backwards else line


def _prune(rng: np.random.Generator, streets: Streets, skeleton: Skeleton) -> None:
    """Take away frontages and lanes that the country does not need, and a few town streets."""
    bypass = skeleton.bypass
    frame = skeleton.frame.exterior
    kept = []
    for edge in streets.edges:
        middle = shapely.Point(edge.line[len(edge.line) // 2])
        rural = edge.want > 60_000
        if edge.kind == "front":
            chance = 0.0 if rural else 0.35 if bypass.distance(middle) < 60 else 0.9
        elif edge.kind == "cut":
            chance = 0.5 if rural else 0.94 if edge.want > 8_000 else 1.0
            if frame.distance(middle) < 5:
                chance = 0.0
        else:
            chance = 1.0
        if rng.random() < chance:
            if rural and edge.kind == "cut":
                edge.cls = "track" if edge.want > 1e6 and rng.random() < 0.6 else "unclassified"
            kept.append(edge)
    streets.edges = kept
    _drop_stubs(streets)


def _drop_stubs(streets: Streets) -> None:
    """Remove dead ends that lead nowhere: any in the country, short ones in town."""
    for _ in range(12):
        around = streets.around()
        doomed = set()
        for index, edge in enumerate(streets.edges):
            dead = len(around[edge.a]) == 1 or len(around[edge.b]) == 1
            rural = edge.want > 60_000 and edge.kind != "artery"
            stub = edge.length < (170 if edge.kind == "artery" else 45)
            if (
                dead
                and (rural or stub)
                and not (edge.kind == "artery" and streets.towards[edge.street] == "out")
            ):
                doomed.add(index)
        if not doomed:
            return
        streets.edges = [edge for index, edge in enumerate(streets.edges) if index not in doomed]


def _collapse(streets: Streets, least: float = 11.0) -> None:
    """Merge junctions that lie closer than a car is long: they are one crossroads."""
    parent = list(range(len(streets.nodes)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    short = [edge.length < least and not edge.bridge for edge in streets.edges]
    for edge, is_short in zip(streets.edges, short, strict=True):
        if is_short:
            parent[root(edge.a)] = root(edge.b)
    kept: dict[tuple[int, int, int], Edge] = {}
    for edge, is_short in zip(streets.edges, short, strict=True):
        edge.a, edge.b = root(edge.a), root(edge.b)
        if is_short or edge.a == edge.b:
            continue
        edge.line = edge.line.copy()
        edge.line[0], edge.line[-1] = streets.nodes[edge.a], streets.nodes[edge.b]
        # Two pieces between the same junctions and of the same length are one street drawn twice.
        kept.setdefault((min(edge.a, edge.b), max(edge.a, edge.b), round(edge.length / 8)), edge)
    streets.edges = list(kept.values())


def _keep_connected(streets: Streets, chosen: Iterable[int]) -> None:
    """Keep the largest connected part of the chosen edges, drop the rest of them."""
    chosen = list(chosen)
    parent = list(range(len(streets.nodes)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for index in chosen:
        edge = streets.edges[index]
        parent[root(edge.a)] = root(edge.b)
    sizes: dict[int, int] = defaultdict(int)
    for index in chosen:
        sizes[root(streets.edges[index].a)] += 1
    main = max(sizes, key=lambda node: (sizes[node], -node))
    lost = {index for index in chosen if root(streets.edges[index].a) != main}
    streets.edges = [edge for index, edge in enumerate(streets.edges) if index not in lost]


def reachable_both_ways(streets: Streets) -> set[int]:
    """Return the nodes that cars can reach from, and leave for, the busiest junction (one strong component)."""
    onward: dict[int, list[int]] = defaultdict(list)
    back: dict[int, list[int]] = defaultdict(list)
    for edge in streets.edges:
        if edge.cls not in MOTOR:
            continue
        onward[edge.a].append(edge.b)
        back[edge.b].append(edge.a)
        if not edge.oneway:
            onward[edge.b].append(edge.a)
            back[edge.a].append(edge.b)
    start = next(edge.a for edge in streets.edges if edge.cls == "primary" and not edge.oneway)
    return _flood(onward, start) & _flood(back, start)


def _flood(ways: dict[int, list[int]], start: int) -> set[int]:
    seen, stack = {start}, [start]
    while stack:
        for other in ways[stack.pop()]:
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def mend(streets: Streets) -> None:
    """Make the town one strong component for cars: reopen one-way streets, then hand pockets over to walkers."""
    for _ in range(30):
        good = reachable_both_ways(streets)
        stuck = [
            edge for edge in streets.edges if edge.cls in MOTOR and not (edge.a in good and edge.b in good)
        ]
        if not stuck:
            return
        one_way = [edge for edge in stuck if edge.oneway and edge.kind in {"cut", "front"}]
        for edge in one_way:
            edge.oneway = False
        if not one_way:
            for edge in stuck:
                edge.cls = "pedestrian" if edge.want < 8_000 else "path"
    raise AssertionError("the town cannot be mended")
