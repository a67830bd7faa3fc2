"""``ressort dispatch …``: published instances planned by the dispatch engine."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from ressort.engines.dispatch import Problem, Solved, Stop, WhenTold
    from ressort.engines.dispatch.formats import Instance

solving = typer.Typer(no_args_is_help=True, help="Faire planifier une instance publiée par le moteur.")
aside = Console(stderr=True, highlight=False, soft_wrap=True)
SCALE = 10_000
"""Ticks per unit of an instance."""
LOOK_S = 0.5
"""Seconds between two lines of progress."""


class Format(StrEnum):
    """What a file holds."""

    LILIM = "lilim"
    CORDEAU = "cordeau"
    JSON = "json"


InstanceFile = Annotated[Path, typer.Argument(help="Le fichier de l'instance.", exists=True, dir_okay=False)]
Kind = Annotated[
    Format, typer.Option("--format", help="Li & Lim, Cordeau (DARP), ou DARP dynamique en JSON.")
]


@solving.command("solve")
def solve(
    file: InstanceFile,
    kind: Kind = Format.LILIM,
    seconds: Annotated[
        float, typer.Option(help="Secondes de calcul de la recherche, préparation non comptée.", min=0.0)
    ] = 10.0,
    moves: Annotated[
        int, typer.Option(help="Au plus tant de mouvements : même graine, même plan. 0 : sans limite.", min=0)
    ] = 0,
    seed: int = 1,
    workers: Annotated[
        int,
        typer.Option(
            help="Recherches à la fois, chacune avec sa graine et son temps ; la meilleure reste.", min=1
        ),
    ] = 1,
    out: Annotated[Path | None, typer.Option(help="Fichier où écrire les tournées, en JSON.")] = None,
) -> None:
    """Plan an instance whose requests are all known; print one line of JSON. Ctrl-C keeps the best plan so far."""
    from ressort.engines.dispatch import static, stopping, violations

    instance = _read(file, kind)
    halt = stopping.WhenTold()
    limits: list[stopping.Stop] = [stopping.CpuSeconds(seconds), halt]
    if moves:
        limits.append(stopping.Iterations(moves))
    static.warm()
    fewest = kind == Format.LILIM
    began = time.monotonic()
    with _interruptible(halt):
        found = _search(instance.problem, stopping.FirstOf(*limits), range(seed, seed + workers), fewest)
    plan, problem = found.plan, instance.problem
    broken = [wrong for tour in plan.tours.values() for wrong in violations(problem, tour)]
    told = {
        "instance": file.stem,
        "vehicles": found.vehicles,
        "distance": round(instance.distance(plan), 4),
        "served": len(problem.requests) - len(plan.unserved),
        "unserved": len(plan.unserved),
        "feasible": not broken,
        "cpu_s": round(found.cpu, 3),
        "wall_s": round(time.monotonic() - began, 3),
        "iterations": found.iterations,
    }
    if out is not None:
        written = {"routes": instance.routes(plan), "unserved": instance.unserved(plan)}
        out.write_text(json.dumps(written) + "\n", encoding="utf-8")
    typer.echo(json.dumps(told))


@solving.command("replay")
def replay(
    file: Annotated[Path, typer.Argument(help="DARP dynamique en JSON.", exists=True, dir_okay=False)],
    fleet_share: Annotated[
        float, typer.Option(help="Part de la flotte qui roule, au moins un véhicule.", min=0.0, max=1.0)
    ] = 1.0,
    seed: int = 1,
    improve: Annotated[
        int, typer.Option(help="Mouvements de la recherche après chaque demande acceptée.", min=0)
    ] = 300,
    squeeze: Annotated[
        int, typer.Option(help="Mouvements au plus pour faire de la place, quand rien ne convient.", min=0)
    ] = 2000,
    out: Annotated[
        Path | None, typer.Option(help="Fichier où écrire les tournées et les réponses, en JSON.")
    ] = None,
) -> None:
    """Play a day whose requests come one by one, each answered at once. Ctrl-C ends it after the present answer."""
    from ressort.engines.dispatch import Objective, Plan, WhenTold, play, warm

    instance = _read(file, Format.JSON)
    problem = instance.problem
    warm()
    show, halt = _shower(), WhenTold()
    began = time.monotonic()
    with _interruptible(halt):
        played = play(
            problem.matrix,
            problem.vehicles[: max(1, round(fleet_share * len(problem.vehicles)))],
            problem.requests.values(),
            seed=seed,
            improve_moves=improve,
            squeeze_moves=squeeze,
            promise=lambda offer: offer.request,  # the windows asked for are what these riders are promised
            objective=Objective(ride=0.0),
            progress=lambda done, total: show(f"{done} demandes sur {total}"),
            halt=halt,
        )
    median, p99 = played.ms
    kept = sum(answer.promise is not None for answer in played.answers)
    told = {
        "instance": file.stem,
        "vehicles": len(played.tours),
        "requests": len(played.answers),
        "accepted": kept,
        "distance": round(instance.distance(Plan({tour.vehicle: tour for tour in played.tours})), 4),
        "broken_promises": played.broken_promises,
        "squeezed": sum(answer.squeezed for answer in played.answers),
        "ms_median": median,
        "ms_p99": p99,
        "cpu_s": round(played.cpu_seconds, 3),
        "wall_s": round(time.monotonic() - began, 3),
    }
    if out is not None:
        out.write_text(json.dumps(instance.told(played)) + "\n", encoding="utf-8")
    typer.echo(json.dumps(told))


@contextmanager
def _interruptible(halt: WhenTold) -> Iterator[None]:
    """Let Ctrl-C say « enough » rather than throw away what was found."""
    before = signal.signal(signal.SIGINT, halt.tell)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _search(problem: Problem, stop: Stop, seeds: range, fewest_vehicles: bool) -> Solved:
    from ressort.engines.dispatch import solve as search
    from ressort.engines.dispatch import solve_seeds

    if len(seeds) == 1:
        return search(problem, stop, seeds[0], fewest_vehicles=fewest_vehicles, progress=_teller())
    with ThreadPoolExecutor(len(seeds)) as pool:
        return solve_seeds(problem, stop, seeds, pool, fewest_vehicles=fewest_vehicles)


def _read(file: Path, kind: Format) -> Instance:
    """Read an instance; say what is wrong with the file and leave with code 2 if it is not one."""
    from ressort.engines.dispatch import formats

    try:
        return formats.READERS[kind](file.read_text(encoding="utf-8"), SCALE)
    except (formats.FormatError, UnicodeDecodeError) as wrong:
        aside.print(f"{file} : {wrong}")
        raise typer.Exit(2) from None


@solving.command("check")
def check(
    file: InstanceFile,
    plan: Annotated[
        Path, typer.Argument(help='Les tournées : {"routes": [[nœuds], …]}.', exists=True, dir_okay=False)
    ],
    kind: Kind = Format.LILIM,
) -> None:
    """Give the times of a plan whose order is fixed, and name every rule it breaks; code 1 if it breaks one."""
    from ressort.engines.dispatch import ProblemError, retimed, violations

    instance = _read(file, kind)
    problem = instance.problem
    try:
        planned = instance.plan(_routes(plan))
    except (ValueError, ProblemError) as wrong:
        aside.print(f"{plan} : {wrong}")
        raise typer.Exit(2) from None
    tours = [tour for tour in planned.tours.values() if tour.visits]
    broken = [
        {
            "route": k,
            "node": None if wrong.visit is None else tour.visits[wrong.visit].place(problem),
            "rule": wrong.rule.value,
            "amount": wrong.amount / (1 if wrong.rule.value == "CAPACITY" else instance.scale),
        }
        for k, tour in enumerate(tours)
        for wrong in violations(problem, tour)
    ]
    ordered = not {wrong["rule"] for wrong in broken} & {"ORDER", "UNKNOWN_REQUEST"}
    timed = [retimed(problem, tour) for tour in tours] if ordered else []
    told = {
        "instance": file.stem,
        "vehicles": len(tours),
        "distance": round(instance.distance(planned), 4),
        "unserved": instance.unserved(planned),
        "feasible": not broken,
        "violations": broken,
        "times": [[visit.at / instance.scale for visit in tour.visits] for tour in timed],
    }
    typer.echo(json.dumps(told))
    if broken:
        raise typer.Exit(1)


def _routes(file: Path) -> list[list[int]]:
    try:
        routes = json.loads(file.read_text(encoding="utf-8"))["routes"]
    except (ValueError, KeyError, TypeError) as wrong:
        raise ValueError(f'expected {{"routes": [[node, …], …]}} in JSON ({wrong})') from None
    if not isinstance(routes, list) or not all(
        isinstance(route, list) and all(type(node) is int for node in route) for route in routes
    ):
        raise ValueError("routes: expected lists of whole numbers, one for each vehicle")
    return routes


def _teller() -> Any:
    """Return what tells how far a search is; nothing elsewhere than on a terminal."""
    if not aside.is_terminal:
        return None
    show = _shower()

    def tell(progress: Any) -> None:
        show(
            f"{progress.cpu:6.1f} s  {progress.moves} mouvements  {progress.unserved} sans place  "
            f"coût {progress.cost / SCALE:.2f}"
        )

    return tell


def _shower() -> Callable[[str], None]:
    """Return what keeps one line of a terminal up to date, not more often than it can be read."""
    last = [0.0]

    def show(line: str) -> None:
        now = time.monotonic()
        if aside.is_terminal and now - last[0] >= LOOK_S:
            last[0] = now
            aside.print(line, end="\r")

    return show
