"""What is wrong with a replayed day, by its file alone: an oracle that shares no code with the engine."""

from __future__ import annotations

from collections.abc import Iterator
from math import dist
from typing import Any

NEAR = 1e-6


class Judge:
    """Reads the file of a dynamic instance and judges what was made of it.

    Nodes: 0 is the depot, 1 to n the pick-ups in the order of the file, n + 1 to 2 n the deliveries.
    """

    def __init__(self, instance: dict[str, Any]) -> None:
        self.info, self.riders = instance["static_info"], instance["requests"]

    def rider(self, node: int) -> dict[str, Any]:
        return self.riders[(node - 1) % len(self.riders)]

    def of(self, node: int, what: str) -> Any:
        end = "pickup" if node <= len(self.riders) else "delivery"
        return self.rider(node)[f"{end}_{what}"]

    def xy(self, node: int) -> tuple[float, float]:
        place = self.of(node, "location") if node else self.info["depot_location"]
        return place["x_coord"], place["y_coord"]

    def way(self, before: int, after: int) -> float:
        return dist(self.xy(before), self.xy(after))

    def faults(self, found: dict[str, Any]) -> list[str]:
        wrong = [
            fault for k, route in enumerate(found["routes"]) for fault in self.drive(route, found["times"][k])
        ]
        return wrong + list(self.answers(found))

    def drive(self, route: list[int], times: list[float]) -> Iterator[str]:
        leaves = times[0] - self.way(0, route[0])
        free, before = leaves, 0
        for node, at in zip(route, times, strict=True):
            if at < free + self.way(before, node) - NEAR:
                yield f"{node} too soon after {before}"
            if not self.of(node, "lower_tw") - NEAR <= at <= self.of(node, "upper_tw") + NEAR:
                yield f"{node} outside its window"
            if at < self.rider(node)["arrival_time"]:
                yield f"{node} served before it is known"
            free, before = at + self.of(node, "service_time"), node
        if free + self.way(before, 0) - leaves > self.info["max_route_time"] + NEAR:
            yield "route too long"
        yield from self.aboard(route, times)

    def aboard(self, route: list[int], times: list[float]) -> Iterator[str]:
        since: dict[int, float] = {}
        load = 0
        for node, at in zip(route, times, strict=True):
            up = (node - 1) % len(self.riders) + 1
            if node == up:
                since[up] = at + self.of(up, "service_time")
            elif at - since.pop(up) > self.info["max_ride_time"] + NEAR:
                yield f"{up} rides too long"
            load += self.rider(node)["load"] * (1 if node == up else -1)
            if load > self.info["vehicle_capacity"]:
                yield f"too many after {node}"
        if since:
            yield f"never dropped off: {sorted(since)}"

    def answers(self, found: dict[str, Any]) -> Iterator[str]:
        told = {answer["id"]: answer for answer in found["requests"]}
        driven = {self.rider(node)["id"] for route in found["routes"] for node in route}
        for rider in self.riders:
            answer = told[rider["id"]]
            if answer["answered"] < rider["arrival_time"] or (rider["id"] in driven) != answer["accepted"]:
                yield f"answer to {rider['id']}"
            elif answer["accepted"]:
                promised = [answer["promised"][end] for end in ("pickup", "dropoff")]
                if promised != [
                    [rider[f"{end}_lower_tw"], rider[f"{end}_upper_tw"]] for end in ("pickup", "delivery")
                ]:
                    yield f"promise to {rider['id']}"
        moments = [answer["answered"] for answer in found["requests"]]
        if moments != sorted(moments):
            yield "order of the answers"
