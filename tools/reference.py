"""Write the generated parts of ``docs/reference`` from the code: ``python tools/reference.py`` (``--check`` only compares).

A page keeps its own words; what stands between ``<!-- generated: name -->`` and ``<!-- end -->`` is replaced. A page that does
not hold the marks of every part written for it is refused.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"
SOURCE = ROOT / "src"
TITLES = {
    "account": "Accounts",
    "appeal": "Appeals",
    "controlroom": "Control room",
    "fleet": "Fleet",
    "job": "Background work",
    "network": "Street network",
    "notify": "Messages",
    "people": "People",
    "privacy": "Personal data",
    "transport": "On-demand transport",
    "twin": "The twin",
}
"""Words for the first word of a kind of event."""


def table(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a Markdown table; a cell never breaks it."""
    heads = list(heads)
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = [re.sub(r"[ \n\t]+", " ", str(cell).replace("|", "\\|")) or "–" for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def policy() -> str:
    """Who may do what."""
    from ressort.core.accounts import policy as rights

    roles = [rights.PUBLIC, *(str(role) for role in rights.Role)]
    shown = {"any": "all", "organisation": "their organisation's", "own": "their own", "": ""}
    rows = [
        [f"`{verb}`", *(shown[row.get(role, "")] or " " for role in roles)]
        for verb, row in sorted(rights.table().items())
    ]
    return table(["verb", *roles], rows)


def personal_data() -> str:
    """What is kept of people."""
    from ressort.web.mydata import processing

    parts = []
    for one in sorted(processing(), key=lambda one: str(one["table"])):
        about = [
            ("People", one["people"]),
            ("Why", one["purpose"]),
            ("By what right", one["basis"]),
            ("Who reads it", one["recipients"]),
            ("Kept", one["kept"]),
        ]
        fields = [(f"`{field['name']}`", field["words"]) for field in one["fields"]]
        listed = "\n".join(f"- {name}: {words}" for name, words in about if words)
        parts.append(
            f"## {one['title']}\n\n`{one['table']}`\n\n{listed}\n\n{table(['field', 'what'], fields)}"
        )
    return "\n\n".join(parts)


def messages() -> str:
    """Every kind of message."""
    from ressort.core.notify import kinds

    rows = [
        (
            f"`{kind.name}`",
            f"{kind.label} (`{kind.family}`)",
            ", ".join(str(channel) for channel in kind.by),
            "yes" if kind.urgent else "no",
            "yes" if kind.always else "no",
        )
        for _, kind in sorted(kinds.known().items())
    ]
    return table(["kind", "family", "ways", "presses", "whatever was chosen"], rows)


def events() -> str:
    """Every kind of event, by its first word."""
    from ressort.core.journal import kinds

    for path in sorted(SOURCE.rglob("*.py")):
        body = path.read_text(encoding="utf-8")
        if "ressort.core.journal import" in body and re.search(r"^(\w+ = )?declare\(", body, re.MULTILINE):
            import_module(".".join(path.relative_to(SOURCE).with_suffix("").parts))
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for name, kind in sorted(kinds.declared().items()):
        if not name.startswith("test."):
            fields = ", ".join(f"`{field}`" for field in sorted(kind.fields))
            groups.setdefault(name.split(".")[0], []).append((f"`{name}`", fields, kind.says))
    parts = [
        f"## {TITLES.get(group, group.capitalize())}\n\n{table(['kind', 'payload', 'sentence'], rows)}"
        for group, rows in groups.items()
    ]
    return "\n\n".join(parts)


def routes() -> str:
    """Every route of the programs' interface."""
    from ressort.config.api import api

    rows = []
    for path, verbs in sorted(api.get_openapi_schema(path_prefix="/")["paths"].items()):
        for verb, said in verbs.items():
            rows.append((f"`{verb.upper()} {path}`", said.get("summary", "")))
    return table(["route", "what it does"], rows)


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "policy.md": {"policy": policy},
    "personal-data.md": {"personal data": personal_data},
    "messages.md": {"messages": messages},
    "events.md": {"events": events},
    "api.md": {"routes": routes},
}


def written(page: str, text: str) -> str:
    """Return a page with its generated parts as the code says them now.

    Raises
    ------
    ValueError
        If the marks of a part are missing.
    """
    from django.utils import translation

    for name, make in PARTS[page].items():
        mark = re.compile(rf"(<!-- generated: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not mark.search(text):
            raise ValueError(f"{page} has no marks for « {name} »")
        with translation.override("fr"):
            made = make()
        text = mark.sub(lambda found, made=made: f"{found[1]}\n{made}\n\n{found[2]}", text)
    return text


def behind() -> list[str]:
    """Return the pages that do not say what the code says."""
    return [
        page for page in PARTS if written(page, text := (PAGES / page).read_text(encoding="utf-8")) != text
    ]


def main() -> None:
    """Write, or compare."""
    parser = argparse.ArgumentParser(description="Write the generated parts of docs/reference.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is behind")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ressort.config.settings")
    import django

    django.setup()
    if asked.check:
        if late := behind():
            sys.exit(f"Behind the code, run tools/reference.py: {', '.join(late)}")
        return
    for page in PARTS:
        file = PAGES / page
        file.write_text(written(page, file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
