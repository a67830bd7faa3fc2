"""After an erasure, nothing of the person is anywhere: tables, sessions, files, free pages, logs. The journal holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.traces import HOME, WORDS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Play the story on a database file of its own, with everything it logs."""
    folder = tmp_path_factory.mktemp("erasure")
    env = {
        **os.environ,
        "RESSORT_DATA": str(folder),
        "RESSORT_LOG": "INFO",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.traces"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env=env,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    *_, last = done.stdout.strip().splitlines()
    return json.loads(last), done.stderr


def test_the_search_finds_every_word_while_the_person_is_there(story):
    told, _ = story
    found = " ".join(told["before"]["tables"])
    for word in (*WORDS["user"], *WORDS["guest"], HOME[0]):
        assert word in found, word
    in_sessions = [hit for hit in told["before"]["tables"] if hit.startswith("django_session.session_data")]
    assert any("impasse du lavoir" in hit for hit in in_sessions)
    assert any(hit.startswith("ressort.sqlite3: ") for hit in told["before"]["files"])


def test_no_table_holds_a_word_of_them(story):
    assert story[0]["tables"] == []


def test_no_file_holds_a_word_of_them_nor_a_page_set_free(story):
    assert story[0]["files"] == []


def test_nowhere_is_kept_where_they_wished_to_go(story):
    assert story[0]["wishes"] == 0


def test_no_log_holds_a_word_of_them(story):
    said = story[1].lower()
    assert [word for word in (*WORDS["user"], *WORDS["guest"], *HOME) if word in said] == []


def test_the_journal_still_verifies(story):
    assert story[0]["faults"] == []
    assert story[0]["events"] > 20
