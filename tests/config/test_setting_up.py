"""Setting up from the terminal, in processes of its own: an empty folder, again, and a demonstration's folder."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import transaction

from ressort.config import setting_up
from ressort.core.accounts.models import Membership, User
from ressort.core.errors import Refused
from ressort.core.installation import reading
from ressort.core.installation.models import Installation
from ressort.core.network.models import NetworkVersion
from ressort.core.territory.models import Territory
from tests import worlds

ROOT = Path(__file__).resolve().parents[2]


def ressort(folder, *words):
    env = {**os.environ, "RESSORT_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "ressort.config.settings"}
    env.pop("RESSORT_DEMO", None)
    return subprocess.run(
        [sys.executable, "-m", "ressort.cli", *words],
        capture_output=True, text=True, timeout=180, check=False, env=env, cwd=ROOT, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.slow
def test_an_empty_folder_is_set_up_then_said_to_be_there(tmp_path):
    file = tmp_path / "valmont.osm"
    file.write_text(worlds.osm(), encoding="utf-8")
    folder = tmp_path / "var"
    missing = ressort(folder, "init", "--epci", "242100410")
    assert (missing.returncode, "--admin-email" in missing.stderr) == (2, True), missing.stderr
    words = [
        "--epci",
        "242100410",
        "--admin-email",
        "eve@exemple.fr",
        "--admin-name",
        "Ève Bourg",
        "--network",
        str(file),
        "--url",
        "https://v.fr",
    ]
    done = ressort(folder, "init", *words)
    assert done.returncode == 0, done.stderr
    assert "https://v.fr/connexion/lien/" in done.stdout
    assert "Dijon Métropole, 23 communes, chargé" in done.stdout
    again = ressort(folder, "init")
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("déjà") == 4
    assert "/connexion/lien/" not in again.stdout
    demo = ressort(folder, "demo", "--fresh", "--prepare-only", "--osm", str(file))
    assert (demo.returncode, "installation réelle" in demo.stderr) == (2, True), demo.stderr
    rows = sqlite3.connect(folder / "ressort.sqlite3")
    assert rows.execute("SELECT demo, finished IS NOT NULL FROM installation_installation").fetchall() == [
        (0, 1)
    ]
    with rows:
        rows.execute("UPDATE installation_installation SET demo = 1")
    rows.close()
    for command in (["init"], ["serve", "--port", "0"]):
        refused = ressort(folder, *command)
        assert (refused.returncode, "démonstration" in refused.stderr) == (2, True), refused.stderr


GIVEN = setting_up.Given("Valmont", "242100410", "eve@exemple.fr", "Ève", None, "http://x")


def progress(_step, _done):
    """Nobody watches."""


@pytest.fixture
def empty(db):
    Membership.objects.all().delete()
    Territory.objects.all().delete()
    NetworkVersion.objects.all().delete()
    Installation.objects.all().delete()
    reading.forget()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"admin_email": "eve"}, "bad-email"),
        ({"admin_email": ""}, "missing-option"),
        ({"epci": "000000000"}, "unknown-epci"),
        ({"name": "x" * 200}, "bad-name"),
        ({"network": Path("/nulle/part.osm")}, "file-missing"),
    ],
)
def test_a_wrong_option_is_refused_in_words(empty, change, code):
    import dataclasses

    with pytest.raises(Refused) as refused, transaction.atomic():
        setting_up.run(
            dataclasses.replace(GIVEN, **change), lambda line: None, asking=False, progress=progress
        )
    assert refused.value.code == code


def test_answers_are_checked_and_asked_again(empty, monkeypatch):
    answers = iter(
        [
            "eve",
            "Ève",
            "eve@exemple.fr",
            "Ève",
            "zzzz",
            "dijon",
            "242100410",
            "Valmont",
            "/nulle/part.osm",
            "",
        ]
    )
    monkeypatch.setattr("typer.prompt", lambda *args, **kwargs: next(answers))
    said = []
    given = setting_up.Given("", "", "", "", None, "http://x")
    setting_up.run(given, said.append, asking=True, progress=progress)
    text = "\n".join(said)
    for words in (
        "pas complète",
        "Aucune intercommunalité",
        "CC de la Plaine Dijonnaise",
        "existe pas",
        "à charger plus tard",
    ):
        assert words in text
    assert next(answers, None) is None
    assert reading.name() == "Valmont"
    assert reading.is_finished()
    assert User.objects.get(email="eve@exemple.fr").name == "Ève"
