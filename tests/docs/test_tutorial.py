"""The tutorial is run as it is written: its commands, its Python, and what a person does in a browser.

A ``console`` block is commands (``$ …``) with what they print, a ``python`` block a session of the interpreter; ``…``
stands for anything, a line of its own for any lines. ``<!-- browser: name -->`` is a thing done in a browser, which
must have its function below.
"""

from __future__ import annotations

import doctest
import http.cookiejar
import io
import os
import re
import shlex
import socket
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/tutorial/your-own-territory.md"
PART = re.compile(r"^```(\w+)\n(.*?)^```|<!-- browser: (\w+) -->", re.MULTILINE | re.DOTALL)
RUN = {"console", "python"}
PATIENCE = 180

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def parts() -> list[tuple[str, str]]:
    """Return what the tutorial has its reader do, in order: (how, what)."""
    return [
        ("browser", found[3]) if found[3] else (found[1], found[2])
        for found in PART.finditer(PAGE.read_text(encoding="utf-8"))
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def matches(expected: str, printed: str) -> bool:
    """Compare, « … » standing for anything."""
    pattern = r".*?".join(re.escape(piece) for piece in expected.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


class Browser:
    """A person's browser, as far as forms go."""

    def __init__(self, address: str) -> None:
        self.address, self.kept = address, http.cookiejar.CookieJar()
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.kept)).open

    def get(self, path: str) -> str:
        with self.open(self.address + path, timeout=30) as answer:
            return answer.read().decode("utf-8", "replace")

    def post(self, path: str, **fields: str) -> str:
        token = next(cookie.value or "" for cookie in self.kept if cookie.name == "csrftoken")
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        request = urllib.request.Request(self.address + path, data, {"Referer": self.address + path})
        with self.open(request, timeout=30) as answer:
            return answer.read().decode("utf-8", "replace")


@dataclass
class Reader:
    """Somebody who follows the tutorial to the letter, in an empty folder."""

    folder: Path
    names: dict[str, Any] = field(default_factory=dict)
    ports: dict[str, str] = field(
        default_factory=lambda: {"8044": str(free_port()), "8045": str(free_port())}
    )
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    printed: str = ""

    def __post_init__(self) -> None:
        mine = Path(sys.executable).parent
        self.env = {**os.environ, "PATH": f"{mine}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}
        for name in ("DJANGO_SETTINGS_MODULE", "RESSORT_SECRET_KEY", "RESSORT_DEMO", "RESSORT_DATA"):
            self.env.pop(name, None)
        self.eve = Browser(f"http://127.0.0.1:{self.ports['8044']}")
        self.anybody = Browser(self.eve.address)

    def own(self, text: str) -> str:
        """Return a text of the page with ports of our own."""
        for written, mine in self.ports.items():
            text = text.replace(written, mine)
        return text

    def console(self, block: str) -> None:
        """Run a block of commands, and hold each to what it should print."""
        for turn in re.split(r"^\$ ", self.own(block), flags=re.MULTILINE)[1:]:
            command, _, expected = turn.partition("\n")
            if command.startswith("export "):
                name, value = command.removeprefix("export ").split("=", 1)
                self.env[name] = value.replace("$PWD", str(self.folder)).replace("$PATH", self.env["PATH"])
            elif command.startswith("cd "):
                self.folder /= command.removeprefix("cd ")
            elif command.endswith(" &"):
                self.serve(command.removesuffix(" &"), expected)
            else:
                done = subprocess.run(
                    ["bash", "-c", command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False,
                )  # fmt: skip
                self.printed += done.stdout
                assert matches(expected, done.stdout), f"$ {command}\n{done.stdout}"

    def serve(self, command: str, expected: str) -> None:
        """Start a server, and wait for the line that says it is ready."""
        process = subprocess.Popen(
            shlex.split(command), cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.running.append(process)
        ready = next(line for line in expected.splitlines() if line.strip("… "))
        said: list[str] = []
        heard = threading.Event()

        def listen() -> None:
            assert process.stdout is not None
            with process.stdout:
                for line in process.stdout:
                    said.append(line)
                    if line.strip() == ready.strip():
                        heard.set()
            heard.set()

        threading.Thread(target=listen, daemon=True).start()
        assert heard.wait(PATIENCE), said
        assert process.poll() is None, "".join(said)

    def python(self, block: str) -> None:
        """Go on with the session of the interpreter."""
        text = self.own(block).replace("…", "...") if ">>>" in block else ""
        test = doctest.DocTestParser().get_doctest(text, self.names, PAGE.name, str(PAGE), 0)
        assert test.examples, block
        test.globs = self.names
        report = io.StringIO()
        with redirect_stdout(report):
            failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, clear_globs=False).failed
        assert not failed, report.getvalue()

    def browser(self, name: str) -> None:
        """Do what the tutorial describes in words."""
        BROWSER[name](self)


def contest(reader: Reader) -> None:
    """Somebody contests; the administrator finds it."""
    number = reader.names["trip"]["receipt"]
    assert "une personne reprenne cette décision" in reader.anybody.get(f"/algorithmes/recus/{number}/")
    path = f"/algorithmes/recus/{number}/contester/"
    reader.anybody.get(path)
    page = reader.anybody.post(path, reason="unseen", text="Je marche avec une canne.", way="here")
    found = re.search(r"/recours/([A-Z0-9-]+)/", page)
    assert found, page
    enter(reader)
    assert found[1] in reader.eve.get("/console/recours/")


def enter(reader: Reader) -> None:
    """The administrator opens the account with the link that ``init`` printed."""
    link = re.search(r"http://127\.0\.0\.1:\d+(/connexion/lien/\S+)", reader.printed)
    assert link
    reader.eve.get(link[1])
    assert "Découvrir en 2 minutes" in reader.eve.post(link[1], password="une-phrase-de-passe")


def export(reader: Reader) -> None:
    """Take one's own data away."""
    assert reader.eve.get("/mon-espace/donnees/export.zip").startswith("PK")


def erase(reader: Reader) -> None:
    """Whoever has the code erases who made the trip."""
    code = reader.names["trip"]["code"]
    assert "Effacer mes coordonnées de ce trajet" in reader.anybody.get(f"/transport/trajets/{code}/")
    assert "sont effacés" in reader.anybody.post(f"/transport/trajets/{code}/effacer/", sure="yes")


BROWSER: dict[str, Callable[[Reader], None]] = {"contest": contest, "export": export, "erase": erase}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    found = Reader(tmp_path)
    try:
        yield found
    finally:
        for process in found.running:
            process.terminate()
        for process in found.running:
            process.wait(20)


def test_every_block_of_the_tutorial_is_one_that_is_run() -> None:
    kinds = [how for how, _ in parts()]
    assert set(kinds) == RUN | {"browser"}
    assert {what for how, what in parts() if how == "browser"} == set(BROWSER)
    fences = re.findall(r"^```\w", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == sum(kind in RUN for kind in kinds), "a block that no one runs"


def test_the_afternoon_goes_as_it_is_told(reader: Reader) -> None:
    for how, what in parts():
        getattr(reader, how)(what)
