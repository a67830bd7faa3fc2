"""Everything that is typed in a terminal: ``ressort COMMAND``. Each command is a thin door to one function."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ressort.cli_bench import bench
from ressort.cli_dispatch import solving
from ressort.config.progress import say, steps
from ressort.config.starting import django

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Ressort, la plateforme du territoire intelligent."
)
load = typer.Typer(no_args_is_help=True, help="Charger un territoire, un réseau de rues.")
check = typer.Typer(no_args_is_help=True, help="Vérifier ce qui doit rester vrai.")
app.add_typer(load, name="load")
app.add_typer(check, name="check")
intake = typer.Typer(no_args_is_help=True, help="Recevoir des mesures.")
app.add_typer(bench, name="bench")
app.add_typer(solving, name="dispatch")
app.add_typer(intake, name="intake")
complain = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def warm() -> None:
    """Compile the engines once, so that the first booking is not slow."""
    from ressort.engines import dispatch

    with steps() as progress:
        dispatch.warm(progress)


@app.command()
def collect() -> None:
    """Gather the static files that the server gives out."""
    django()
    from ressort.config import server

    server.static_files()


@app.command()
def migrate() -> None:
    """Bring the tables to this version, and put the journal's protections back."""
    django()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    say.print("Les tables sont à jour.")


@app.command()
def demo(
    port: int = 8000,
    osm: Annotated[Path | None, typer.Option(help="Un extrait réel au lieu de la ville fictive.")] = None,
    epci: Annotated[str, typer.Option(help="SIREN de l'intercommunalité (avec --osm).")] = "",
    fresh: Annotated[bool, typer.Option(help="Recommencer la démonstration depuis le début.")] = False,
    prepare_only: Annotated[bool, typer.Option(help="Préparer sans servir.")] = False,
    rate: Annotated[float, typer.Option(help="Vitesse de l'horloge.")] = 10.0,
    riders: Annotated[
        int | None,
        typer.Option(help="Voyageurs par jour (sinon, selon le nombre d'arrêts).", min=0, max=20_000),
    ] = None,
) -> None:
    """Prepare the demo territory if need be, then serve it."""
    os.environ["RESSORT_DEMO"] = "1"
    os.environ.setdefault("RESSORT_PHONE", "03 53 01 21 00")  # a number reserved for fiction
    os.environ.setdefault("RESSORT_URL", f"http://127.0.0.1:{port}")
    from ressort.config import server

    if not prepare_only:
        server.claim(port)
    django()
    from django.conf import settings

    from ressort.twin import demo as demonstration

    with server.hold(settings.DATA_DIR, alone=True):
        with steps() as progress:
            demonstration.prepare(
                osm=osm, epci=epci, fresh=fresh, rate=rate, riders=riders, progress=progress
            )
        server.static_files()
        if not prepare_only:
            server.serve(port=port, twin=True, greeting=demonstration.greeting(port))


@app.command()
def serve(port: int = 8000, host: str = "127.0.0.1", worker: bool = True) -> None:
    """Serve the installation; by default the background work runs in the same process."""
    from ressort.config import server

    server.claim(port, host)
    django()
    from django.conf import settings

    with server.hold(settings.DATA_DIR, alone=False):
        django(tables=True)
        from ressort.core.installation import reading

        reading.refuse_demo()
        server.static_files()
        server.serve(port=port, host=host, worker=worker, greeting=_first_words(port, host))


def _first_words(port: int, host: str) -> str:
    """Return what the terminal says: the address, and the set-up code while the installation is not set up."""
    from ressort.core.installation import beginning, reading

    home = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}/"  # noqa: S104
    if reading.is_finished():
        return f"\n  Ressort tourne : {home}  (Ctrl-C pour arrêter)\n"
    address = f"{home}demarrer/"
    if beginning.has_administrator():
        return f"\n  L'installation n'est pas finie. Poursuivez : {address}\n"
    return (
        f"\n  Cette installation est vide. Ouvrez  {address}\n"
        f"  Code d'installation :           {beginning.new_code()}\n"
        "  Il prouve que c'est vous ; il change à chaque lancement.\n"
    )


@app.command()
def init(
    name: Annotated[str, typer.Option(help="Nom que les habitants lisent.")] = "",
    epci: Annotated[str, typer.Option(help="SIREN de l'intercommunalité.")] = "",
    admin_email: Annotated[str, typer.Option(help="Adresse de l'administrateur.")] = "",
    admin_name: Annotated[str, typer.Option(help="Nom de l'administrateur.")] = "",
    network: Annotated[Path | None, typer.Option(help="Extrait OpenStreetMap à charger.")] = None,
    vehicles: Annotated[
        int, typer.Option(help="Publier une première offre avec ce nombre de véhicules.")
    ] = 0,
    url: Annotated[str, typer.Option(help="Adresse publique de l'installation.")] = "http://127.0.0.1:8000",
) -> None:
    """Set up a real installation from the terminal; again, it says what is there and asks for the rest."""
    django()
    from django.conf import settings

    from ressort.config import server

    with server.hold(settings.DATA_DIR, alone=False):
        django(tables=True)
        from ressort.config import setting_up

        given = setting_up.Given(name, epci, admin_email, admin_name, network, url.rstrip("/"), vehicles)
        with steps() as progress:
            setting_up.run(given, say.print, sys.stdin.isatty(), progress)


@app.command()
def town(
    file: Annotated[Path, typer.Argument(help="Fichier à écrire : .osm ou .osm.pbf (village : .osm).")],
    seed: Annotated[int, typer.Option(help="La même graine donne la même ville.")] = 1,
    village: Annotated[
        bool, typer.Option("--village", help="Un village de 16 rues, chargé en secondes.")
    ] = False,
) -> None:
    """Write a fictitious town as an OpenStreetMap file, to try things on."""
    from ressort.core.errors import Refused

    if not file.name.endswith((".osm",) if village else (".osm", ".osm.pbf")):
        raise Refused("bad-name", f"Donnez à {file} un nom en .osm{'' if village else ' ou .osm.pbf'}.")
    if not file.absolute().parent.is_dir():
        raise Refused("no-folder", f"Le dossier {file.absolute().parent} n'existe pas : créez-le d'abord.")
    if village:
        from ressort.twin.town import village as small

        file.write_text(small.osm(), encoding="utf-8")
        say.print(f"{file} : Valmont-sur-Ressort, 16 rues.")
        return
    from ressort.twin.town import grow

    with steps() as progress:
        made = grow(seed=seed, out=file, progress=progress)
    say.print(f"{file} : {made.kilometres:.0f} km de rues, {made.addresses} adresses, {made.stops} arrêts.")


@app.command("worker")
def run_worker() -> None:
    """Do the background work in a process of its own."""
    django()
    from ressort.config import server

    server.work()


@intake.command("mqtt")
def intake_mqtt() -> None:
    """Listen to the broker in a process of its own."""
    django()
    from ressort.config import server

    server.listen()


@load.command("territory")
def load_territory(
    epci: Annotated[str, typer.Option(help="SIREN de l'intercommunalité.")],
    geojson: Annotated[Path | None, typer.Option(help="Contours des communes.")] = None,
) -> None:
    """Load an intercommunality and its communes from the official table."""
    django(tables=True)
    from ressort.core.territory.loading import load_epci

    made = load_epci(epci, geojson)
    say.print(f"{made.name} : {made.children.count()} communes.")


@load.command("network")
def load_network(
    file: Path,
    name: str = "",
    epci: Annotated[str, typer.Option(help="Vérifier que le fichier couvre ce territoire.")] = "",
) -> None:
    """Load a street network from an OpenStreetMap file; the running one stays until the new one is ready."""
    django(tables=True)
    from ressort.core.network import build
    from ressort.core.territory.models import Territory

    territory = Territory.objects.filter(code=epci).first() if epci else None
    with steps() as progress:
        version = build.load(file, territory=territory, name=name or file.name, progress=progress)
    counts = ", ".join(f"{count} {what}" for what, count in version.counts.items() if count)
    say.print(f"Réseau « {version.name} » en service : {counts}.")


@load.command("calendar")
def load_calendar(file: Path, zone: Annotated[str, typer.Option(help="A, B ou C.")] = "") -> None:
    """Load the school holidays from an iCalendar file."""
    django(tables=True)
    from ressort.core.territory import school

    say.print(f"Vacances scolaires, périodes chargées : {school.load(file, zone)}.")


@app.command("close")
def close_street(
    street: Annotated[str, typer.Argument(help="Nom d'une rue du réseau en service.")],
    hours: Annotated[float, typer.Option(help="Durée ; 0 : jusqu'à réouverture.")] = 0.0,
    commune: str = "",
    reason: str = "",
) -> None:
    """Close a street from now on; routes obey at once, tours are planned again in the background."""
    django(tables=True)
    from datetime import timedelta

    from ressort.core.clock import service_now
    from ressort.core.network import closures

    now = service_now()
    ends = now + timedelta(hours=hours) if hours else None
    made = closures.close(street, starts=now, ends=ends, reason=reason, commune=commune, actor="system:cli")
    say.print(f"« {made.label} » est fermée. Pour rouvrir : ressort reopen {made.public_id}")


@app.command("reopen")
def reopen_street(number: Annotated[str, typer.Argument(help="Numéro donné à la fermeture.")]) -> None:
    """Lift a closure before its end."""
    django(tables=True)
    from django.core.exceptions import ValidationError

    from ressort.core.errors import Unknown
    from ressort.core.network import closures
    from ressort.core.network.models import Closure

    try:
        found = Closure.objects.filter(public_id=number).first()
    except ValidationError:
        found = None
    if found is None:
        raise Unknown("closure", f"Aucune fermeture ne porte le numéro « {number[:40]} ».")
    closures.reopen(found, actor="system:cli")
    say.print(f"« {found.label} » est rouverte.")


@check.command("journal")
def check_journal() -> None:
    """Verify the whole chain of the journal; exit with 1 if a row was tampered with."""
    django(tables=True)
    from ressort.core.journal import chain
    from ressort.core.journal.models import Head

    found = list(chain.faults())
    for fault in found[:50]:
        complain.print(f"✗ {fault.sentence}")
    if found:
        raise typer.Exit(1)
    head = Head.objects.filter(id=1).first()
    count = head.seq if head else 0
    say.print(f"Le journal est intact : {count} événement{'s' if count > 1 else ''}.")


@check.command("policy")
def check_policy() -> None:
    """Print the policy table: which role may do what."""
    django()
    from ressort.core.accounts import policy

    for verb, row in sorted(policy.table().items()):
        roles = ", ".join(f"{role} ({scope})" for role, scope in row.items())
        say.print(f"{verb:32} {roles}")


@app.command()
def receipt(
    number: str, replay: Annotated[bool, typer.Option(help="Recalculer la décision.")] = False
) -> None:
    """Show a decision receipt; with --replay, compute it again and say whether the answer is the same."""
    django()
    from ressort.core.journal import receipts

    found = receipts.find(number)
    words = json.loads(found.words)
    say.print(f"[bold]{found.number}[/bold]  {found.kind}  {found.at:%Y-%m-%d %H:%M:%S} UTC")
    say.print(
        f"Décision : {words['decision']}\nRègle    : {words['rule']}\nAurait changé la réponse : {words['change']}"
    )
    if replay:
        again = receipts.replay(number)
        say.print(
            f"Rejouée  : {'même réponse' if again.same else 'réponse différente'} "
            f"(moteur {again.version_then} alors, {again.version_now} maintenant)."
        )
        raise typer.Exit(0 if again.same else 1)


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compter sans rien toucher.")] = False,
) -> None:
    """Erase what has been kept for its declared time; with --dry-run, only count."""
    django(tables=True)
    from ressort.core.privacy import holdings
    from ressort.core.retention import work

    if dry_run:
        counts = work.look()
    else:
        with steps() as progress:
            counts = work.apply(progress)
    titles = {one.label: str(one.title) for one in holdings()}
    for label, count in counts.items():
        say.print(f"{label:24} {count:8}  {titles[label]}")
    what = "à effacer ou vider" if dry_run else "effacés ou vidés"
    say.print(f"En tout : {sum(counts.values())} éléments {what}.")


def main() -> None:
    """Run a command; what is refused is said in one sentence, without a trace."""
    from ressort.core.errors import Refused

    try:
        app()
    except Refused as refused:
        complain.print(f"[red]✗[/red] {refused.sentence}")
        sys.exit(2)
    except KeyboardInterrupt:
        complain.print("Arrêté.")
        sys.exit(130)
    except OSError as error:
        if error.errno == 28:
            complain.print("[red]✗[/red] Le disque est plein : libérez de la place, puis relancez.")
            sys.exit(2)
        raise


if __name__ == "__main__":
    main()
