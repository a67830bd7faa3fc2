"""The documentation says what exists, all of it, and nothing else."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main
from django.urls import URLResolver, get_resolver

from ressort.cli import app
from ressort.config.api import api
from ressort.core import registry
from ressort.core.journal import kinds
from ressort.engines.dispatch.insertion import Reason
from ressort.services.transport.queries import Indicators

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ROOT_PAGES = ("README.md", "GLOSSARY.md", "CHANGELOG.md")
PAGES = [ROOT / name for name in ROOT_PAGES] + sorted(DOCS.rglob("*.md"))
DRAWN = {DOCS / "decisions" / "0011-changes-to-the-house.md"}
"""Names files as they were first drawn, which do not exist."""
MANIFEST = (
    registry.Service,
    registry.MenuItem,
    registry.Door,
    registry.Start,
    registry.TourStep,
    registry.MapLayer,
    registry.MessageKind,
    registry.Reaction,
    registry.Watch,
    registry.Periodic,
    registry.Task,
    registry.Algorithm,
    registry.Parameter,
    registry.Telling,
)


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def rows(page: str) -> dict[str, str]:
    """Return the rows of every table of a page by the code in their first cell, several codes giving several rows."""
    found: dict[str, str] = {}
    for line in text(page).splitlines():
        if line.startswith("| `"):
            first, _, rest = line.removeprefix("| ").partition(" | ")
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", first), rest)
    return found


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def declared() -> dict[str, Any]:
    """Return every declared kind of event, after importing each module that declares one."""
    source = ROOT / "src"
    for path in source.rglob("*.py"):
        body = path.read_text(encoding="utf-8")
        if "ressort.core.journal import" in body and re.search(r"^(\w+ = )?declare\(", body, re.MULTILINE):
            import_module(".".join(path.relative_to(source).with_suffix("").parts))
    # tests declare kinds of their own in the same process
    return {name: kind for name, kind in kinds.declared().items() if not name.startswith("test.")}


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield every command of the terminal with its options."""

    def walk(group: Any, path: str) -> Iterator[tuple[str, list[str]]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from walk(command, f"{path} {name}")
            else:
                named = [
                    o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")
                ]
                yield f"{path} {name}", named

    yield from walk(typer.main.get_command(app), "ressort")


def test_every_setting_read_somewhere_is_documented_and_no_other() -> None:
    """Settings are environment variables; the page lists exactly those that the source names."""
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tools").glob("*"), ROOT / "Makefile"]
    read = {
        name
        for path in files
        if path.is_file()
        for name in re.findall(r"\bRESSORT_[A-Z][A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    documented = {name for name in rows("reference/settings.md") if name.startswith("RESSORT_")}
    assert "RESSORT_DATA" in read
    assert documented == read


def test_every_kind_of_event_is_documented_with_its_fields_and_sentence() -> None:
    page = rows("reference/events.md")
    known = declared()
    assert {name for name in page if "." in name} == set(known)
    for name, kind in known.items():
        fields, sentence = page[name].removesuffix(" |").split(" | ", 1)
        assert set(re.findall(r"`(\w+)`", fields)) == kind.fields, name
        assert sentence == kind.says, name


def test_every_command_has_its_section_and_every_option_its_row() -> None:
    sections = {
        part.partition("\n")[0].strip(): part for part in text("reference/commands.md").split("\n## ")[1:]
    }
    found = dict(commands())
    assert {title for title in sections if title.startswith("ressort ")} == set(found)
    for command, options in found.items():
        for option in options:
            assert f"`{option}`" in sections[command], f"{command} {option}"


def test_every_target_of_make_is_in_the_readme() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z0-9]+):.*##", makefile, re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in set(targets) - {"help"}:
        assert f"make {target}" in readme or f"| `{target}` |" in readme, target


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command, _ in commands():
        assert f"`{command.removeprefix('ressort ')}" in readme, command


def test_every_indicator_and_every_reason_is_defined() -> None:
    page = rows("reference/indicators.md")
    fields = {field.name for field in dataclasses.fields(Indicators)}
    assert set(page) == fields | {str(reason) for reason in Reason}


@pytest.mark.parametrize("part", MANIFEST, ids=lambda part: part.__name__)
def test_every_field_of_the_manifest_is_documented(part: type) -> None:
    section = text("reference/manifest.md").split(f"\n## {part.__name__}\n")[1].split("\n## ")[0]
    cells = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    found = {code for cell in cells for code in re.findall(r"`([^`]+)`", cell)}
    assert found == {field.name for field in dataclasses.fields(part)}


def test_every_route_of_the_interface_is_mentioned() -> None:
    """By its last fixed part at least: verbs on one thing share a line of the page."""
    page = text("reference/api.md")
    for path in api.get_openapi_schema(path_prefix="/")["paths"]:
        steps = [step for step in path.split("/") if not step.startswith("{")]
        assert f"/{steps[-1]}" in page, path


def test_every_decision_is_numbered_and_listed_in_order() -> None:
    files = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    assert re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", text("decisions/index.md")) == files
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for name in files:
        assert f"decisions/{name}" in navigation, name


@pytest.mark.parametrize(
    "path", sorted((DOCS / "decisions").glob("[0-9]*.md")), ids=lambda path: path.name[:4]
)
def test_a_decision_has_its_four_parts_on_one_page(path: Path) -> None:
    body = path.read_text(encoding="utf-8")
    assert body.startswith(f"# {path.name[:4]}. ")
    titles = re.findall(r"^## (\w+)", body, re.MULTILINE)
    assert titles == ["Context", "Decision", "Consequences", "Alternatives"]
    assert len(body.splitlines()) < 80


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    body = page.read_text(encoding="utf-8")
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)", body):
        if "://" not in target:
            assert (page.parent / target).resolve().exists(), target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_nothing_is_left_for_later(page: Path) -> None:
    assert not re.search(r"\b(TODO|FIXME|TBD|XXX)\b", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [page for page in PAGES if page not in DRAWN], ids=named)
def test_source_files_named_in_the_pages_exist(page: Path) -> None:
    """A path in code quotes is a file of the repository, or of the part of the package the page speaks of."""
    places = (
        ROOT,
        ROOT / "src/ressort",
        ROOT / "src/ressort/services/transport",
        ROOT / "src/ressort/core/network",
    )
    for path in re.findall(r"`([a-z_]+(?:/[a-z_]+)+\.(?:py|js|sh))`", page.read_text(encoding="utf-8")):
        assert any((place / path).exists() for place in places), path


def test_the_pages_the_readme_sends_people_to_are_served() -> None:
    """Addresses in the README's table of what to look at."""
    served = set(_addresses(get_resolver().url_patterns))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    addresses = re.findall(r"\| `/([a-z/]+)` \|", readme)
    assert addresses
    assert {address for address in addresses if address not in served} == set()


def _addresses(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, route)
        else:
            yield route


def test_the_licence_is_the_whole_text() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert all(f"\n{number}." in licence for number in range(1, 16))


def test_the_generated_reference_says_what_the_code_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    reference = import_module("reference")
    assert reference.behind() == [], "run tools/reference.py"
    with pytest.raises(ValueError, match="marks"):
        reference.written("policy.md", "# A page without marks")
    assert reference.table(["a"], [["x|y\nz"], [""]]).splitlines()[2:] == ["| x\\|y z |", "| – |"]
