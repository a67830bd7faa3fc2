"""``ressort bench …``: the engines measured on a network."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from ressort.config.progress import say, silent, steps
from ressort.config.starting import django

bench = typer.Typer(no_args_is_help=True, help="Mesurer les moteurs.")


@bench.command("day")
def bench_day(
    network: Annotated[str, typer.Option(help="Nom d'un réseau chargé, ou fichier OpenStreetMap.")] = "",
    vehicles: int = 20,
    requests: int = 1500,
    stops: int = 300,
    seed: int = 1,
    improve: Annotated[int, typer.Option(help="Mouvements d'amélioration entre deux demandes.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Une ligne JSON.")] = False,
) -> None:
    """Replay a whole day of service on the engine alone."""
    django(tables=True)
    from ressort.twin import rehearsal

    with steps() if not as_json else silent() as progress:
        _show(rehearsal.day(network, vehicles, requests, stops, seed, improve, progress), as_json)


@bench.command("answers")
def bench_answers(
    network: Annotated[str, typer.Option(help="Nom d'un réseau chargé, ou fichier OpenStreetMap.")] = "",
    vehicles: int = 20,
    booked: Annotated[int, typer.Option(help="Réservations ouvertes.")] = 600,
    questions: Annotated[int, typer.Option(help="Demandes dont la réponse est mesurée.")] = 500,
    stops: int = 300,
    seed: int = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Une ligne JSON.")] = False,
) -> None:
    """Time the answers to requests on a plan that already holds many bookings."""
    django(tables=True)
    from ressort.twin import rehearsal

    with steps() if not as_json else silent() as progress:
        _show(rehearsal.answers(network, vehicles, booked, questions, stops, seed, progress), as_json)


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say.print(json.dumps(result, ensure_ascii=False), soft_wrap=True)
        return
    for key, value in result.items():
        say.print(f"{key:24} {value}")
