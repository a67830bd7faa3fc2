"""The English of every sentence: complete, with the same values, compiled, and free of dates and people."""

from __future__ import annotations

import ast
import gettext
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import ressort

ROOT = Path(ressort.__file__).parent
CATALOGUES = sorted(ROOT.rglob("locale/en/LC_MESSAGES/django.po"))
VALUE = re.compile(r"%\(\w+\)[sd]|%n|\{\w+\}")


def entries(file: Path) -> list[dict[str, str]]:
    """Return the sentences of a catalogue: keyword -> text."""
    found = []
    for block in file.read_text().split("\n\n"):
        entry: dict[str, str] = {}
        keyword = ""
        for line in block.splitlines():
            if started := re.fullmatch(r'(msg\w+(?:\[\d\])?) (".*")', line):
                keyword = started[1]
                entry[keyword] = ast.literal_eval(started[2])
            elif line.startswith('"'):
                entry[keyword] += ast.literal_eval(line)
        if entry:
            found.append(entry)
    return found


def english(entry: dict[str, str]) -> list[str]:
    return [text for keyword, text in entry.items() if keyword.startswith("msgstr")]


def names(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_the_house_and_each_service_have_a_catalogue():
    assert [names(file) for file in CATALOGUES] == [
        "locale/en/LC_MESSAGES/django.po",
        "services/controlroom/locale/en/LC_MESSAGES/django.po",
        "services/transport/locale/en/LC_MESSAGES/django.po",
    ]


@pytest.mark.parametrize("file", CATALOGUES, ids=names)
def test_every_sentence_has_its_english_with_the_same_values(file):
    for entry in entries(file)[1:]:
        asked = {keyword: set(VALUE.findall(text)) for keyword, text in entry.items()}
        for keyword, text in entry.items():
            if not keyword.startswith("msgstr"):
                continue
            assert text.strip(), entry["msgid"]
            several = keyword != "msgstr[0]" and "msgid_plural" in entry
            assert asked[keyword] == asked["msgid_plural" if several else "msgid"], entry["msgid"]
            assert not re.search(r"[«»]", text), entry["msgid"]
            assert entry["msgid"].endswith("\n") is text.endswith("\n"), entry["msgid"]


@pytest.mark.parametrize("file", CATALOGUES, ids=names)
def test_a_catalogue_holds_sentences_only(file):
    text = file.read_text()
    assert not re.search(
        r"POT-Creation-Date|PO-Revision-Date|Translator|Language-Team|^#:|fuzzy|^#~", text, re.MULTILINE
    )


@pytest.mark.parametrize("file", CATALOGUES, ids=names)
def test_what_is_compiled_is_what_is_written(file):
    with file.with_suffix(".mo").open("rb") as compiled:
        kept = gettext.GNUTranslations(compiled)._catalog
    written = {}
    for entry in entries(file)[1:]:
        if "msgid_plural" in entry:
            written |= {(entry["msgid"], n): text for n, text in enumerate(english(entry))}
        else:
            written[entry["msgid"]] = entry["msgstr"]
    kept.pop("")
    assert kept == written
    assert struct.unpack("<I", file.with_suffix(".mo").read_bytes()[:4])[0] == 0x950412DE


@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs xgettext (apt-get install gettext)")
def test_the_catalogues_are_up_to_date():
    tool = ROOT.parent.parent / "tools" / "messages.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
