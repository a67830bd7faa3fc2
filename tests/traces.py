"""Searching everything an installation keeps for traces of a person.

``python -m tests.traces`` plays a whole story in the folder ``RESSORT_DATA``, on a database file of its own, and
prints what it found before and after the erasures; ``test_erasure.py`` runs it and reads the answer.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WORDS = {
    "user": ["quatrebarbes", "zenobie.q@", "698765432", "sonnette verte", "impasse du lavoir", "genou gauche", "ma montre rouge"],
    "guest": ["malaprade", "anatole.m@", "687654321", "canne blanche", "dossier mauve", "venelle du puits", "oreille droite"],
}  # fmt: skip
HOME = ("5.000391", "47.300123")
"""Where the user lives, as typed; kept nowhere in full, and nowhere at all afterwards."""


def cells() -> Iterator[tuple[str, str]]:
    """Yield every value of every column of every table as searchable text, packed ones unpacked."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    yield f"{table}.{name}", readable(name, value)


def readable(name: str, value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        content = bytes(value)
        try:
            return zlib.decompress(content).decode(errors="replace").lower()
        except zlib.error:
            return content.decode(errors="replace").lower()
    text = str(value)
    if name == "session_data":
        text += session(text)
    return unescaped(text).lower()


def session(packed: str) -> str:
    """Return what a session's data holds: signed, maybe compressed JSON."""
    body = packed.split(":", maxsplit=1)[0]
    squeezed, body = body.startswith("."), body.lstrip(".")
    content = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    return (zlib.decompress(content) if squeezed else content).decode()


def unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def found_in_tables(words: list[str]) -> list[str]:
    return sorted({f"{where}: {word}" for where, text in cells() for word in words if word in text})


def found_in_files(folder: Path, words: list[str]) -> list[str]:
    """Search the raw bytes of every file, free pages of the database and its log of writes included."""
    hits = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes().lower()
            hits += [f"{file.name}: {word}" for word in words if word.encode() in content]
    return hits


def wait_for_free_files() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Story:
    """A user and a guest live through everything that writes something of them, then ask to be erased."""

    def __init__(self) -> None:
        from django.test import Client

        self.rosa, self.phone, self.desk, self.nobody = (
            Client(headers={"host": "localhost"}) for _ in range(4)
        )

    def live(self) -> None:
        from django.conf import settings

        from ressort.core import clock
        from tests import worlds

        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        worlds.build()
        clock.simulate(worlds.TUESDAY, rate=0)
        self.desk.force_login(worlds.person("agathe"), backend="ressort.core.accounts.backends.EmailBackend")
        self.as_user()
        self.as_guest()

    def ask(self, client: Any, address: str, **change: str) -> str:
        from tests.services.transport.test_pages import FORM

        answer = client.post(address, {**FORM, **change})
        assert answer.status_code == 302, answer.content.decode()[:3000]
        return str(answer.url).rstrip("/").rsplit("/", 1)[1]

    def accept(self, client: Any, pid: str, **who: str) -> Any:
        from ressort.services.transport.models import Booking

        answer = client.post(f"/transport/demandes/{pid}/0/", who)
        assert answer.status_code == 302, answer.content.decode()[:3000]
        return Booking.objects.get(demand__pid=pid)

    def as_user(self) -> None:
        from ressort.core.accounts.actions import make_token
        from ressort.core.accounts.models import User

        who = {"name": "Zénobie Quatrebarbes", "email": "zenobie.q@exemple.test", "phone": "06 98 76 54 32"}
        assert self.rosa.post("/inscription/", {**who, "password": "une-phrase-longue"}).status_code == 302
        self.user = User.objects.get(email=who["email"])
        self.phone.force_login(self.user, backend="ressort.core.accounts.backends.EmailBackend")
        self.rosa.post("/connexion/lien/", {"link-email": who["email"]})
        make_token(self.user, "ma montre rouge")
        home = {"origin": "12 impasse du Lavoir", "origin_lon": HOME[0], "origin_lat": HOME[1]}
        traveller = {"name": who["name"], "phone": who["phone"], "note": "sonnette verte"}
        self.ask(self.phone, "/transport/", **home)  # asked on another device, never booked
        self.ask(self.rosa, "/transport/", **home)  # asked twice
        first = self.accept(self.rosa, self.ask(self.rosa, "/transport/", **home), **traveller)
        again = self.ask(self.rosa, "/transport/", **home, hour="10:00", replaces=first.code)
        second = self.accept(self.rosa, again, **traveller)
        self.drive(second)
        third = self.accept(self.rosa, self.ask(self.rosa, "/transport/", **home, hour="14:00"), **traveller)
        self.rosa.post(f"/transport/trajets/{third.code}/annuler/")
        self.contest(self.rosa, second.demand.receipt, "mon genou gauche refuse", email=who["email"])
        self.ask(self.rosa, "/transport/", **home, hour="18:00")  # still open in the session
        self.rosa.get("/chercher/", {"q": "12 impasse du Lavoir"})

    def drive(self, made: Any) -> None:
        from datetime import timedelta

        from ressort.core import clock
        from ressort.services.transport.actions import driving
        from tests.services.transport.test_driving import own, up_and_off
        from tests.worlds import person

        denis, tour = person("denis"), own(made).promise.tour_id
        for visit in up_and_off(made):
            clock.simulate(visit.planned - timedelta(minutes=4), rate=0)
            driving.depart(denis, tour)
            clock.simulate(visit.planned, rate=0)
            driving.arrive(denis, tour)
            driving.serve(denis, tour, visit.pk)

    def contest(self, client: Any, number: str, text: str, email: str) -> None:
        from ressort.core.appeals.models import Appeal

        form = {"reason": "other", "way": "email", "email": email, "text": text}
        assert client.post(f"/algorithmes/recus/{number}/contester/", form).status_code == 302
        made = Appeal.objects.get(receipt=number)
        self.desk.post(f"/console/recours/{made.pid}/prendre/")
        reply = {"outcome": "explained", "text": f"Vous écrivez : {text}. Voici pourquoi."}
        assert self.desk.post(f"/console/recours/{made.pid}/repondre/", reply).status_code == 302

    def as_guest(self) -> None:
        home = {"origin": "3 venelle du Puits", "origin_lon": "5.004", "origin_lat": "47.3"}
        from tests.services.transport.test_pages import book_for

        traveller = {"name": "Anatole Malaprade", "phone": "06 87 65 43 21", "note": "canne blanche"}
        self.trip = book_for(self.desk, **home, **traveller, hour="15:00", reference="dossier mauve")
        self.contest(
            self.nobody, self.trip.demand.receipt, "mon oreille droite siffle", "anatole.m@exemple.test"
        )

    def erase(self) -> None:
        where = f"/transport/trajets/{self.trip.code}/effacer/"
        self.desk.post(where, {"sure": "yes"})  # refused: the trip is to come
        assert found_in_tables(["malaprade"])
        self.desk.post(f"/transport/trajets/{self.trip.code}/annuler/")
        assert self.desk.post(where, {"sure": "yes"}).status_code == 302
        assert self.rosa.post("/mon-espace/effacer/", {"sure": "yes"}).status_code == 302


def main() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    call_command("migrate", verbosity=0)
    setup_test_environment()
    from ressort.core.journal import chain
    from ressort.core.journal.models import Event
    from ressort.services.transport.models import Demand

    story = Story()
    story.live()
    words = [*WORDS["user"], *WORDS["guest"]]
    wait_for_free_files()
    before = {"tables": found_in_tables([*words, HOME[0]]), "files": found_in_files(settings.DATA_DIR, words)}
    story.erase()
    wait_for_free_files()
    mine = Demand.objects.filter(wish__from__0__isnull=False).exclude(wish__from=[None, None, None])
    print(  # noqa: T201 - read by the test
        json.dumps({
            "before": before,
            "tables": found_in_tables([*words, *HOME]),
            "files": found_in_files(settings.DATA_DIR, [*words, *HOME]),
            "wishes": mine.count(),
            "faults": [fault.sentence for fault in chain.faults()],
            "events": Event.objects.count(),
        })
    )  # fmt: skip


if __name__ == "__main__":
    main()
