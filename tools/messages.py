"""Extract the sentences that people read, and compile their translations: ``tools/messages.sh``.

One catalogue for the house, one for each service (the folders named ``locale``). Catalogues hold sentences only:
no dates, no people, no line numbers, so that they change when a sentence does and never otherwise.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "src" / "ressort"
HEAD = """msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


def catalogues() -> list[Path]:
    """Return every catalogue of the repository."""
    return sorted(SOURCES.rglob("locale/en/LC_MESSAGES/django.po"))


def extract(root: Path) -> None:
    """Write the sentences found under ``root`` into its catalogues; translations already there are kept."""
    sys.path.insert(0, str(root.parent))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    sys.path.insert(0, str(SOURCES.parent.parent))
    import django
    from django.core.management.commands import makemessages

    django.setup()

    class Extraction(makemessages.Command):
        """``declare(kind, sentence)`` counts as a mark; nothing of a former wording is kept as a guess."""

        xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=declare:2", "--keyword=noop"]
        msgmerge_options = ["-q", "--backup=none", "--previous", "--update", "--no-fuzzy-matching"]
        msgattrib_options = ["--no-obsolete"]

    os.chdir(root)
    with Path(os.devnull).open("w", encoding="utf-8") as quiet:
        Extraction(stdout=quiet).run_from_argv(
            ["django-admin", "makemessages", "-l", "en", "--no-location", "--no-wrap", "--no-obsolete",
             "-i", "vendor", "-i", "style.html", "-i", "cli.py", "-i", "cli_bench.py"]
        )  # fmt: skip


def tidied(text: str) -> str:
    """Return a catalogue under the house's own header, its sentences in order."""
    parts = re.split(r"\n\s*\n", text.strip())
    entries = sorted((part for part in parts[1:] if "msgid" in part), key=_sentence)
    return "\n".join([HEAD, *(f"{entry}\n" for entry in entries)])


def _sentence(entry: str) -> str:
    return entry[entry.index("msgid") :]


def main() -> int:
    """Extract and compile; with ``--check``, only say whether the catalogues are up to date."""
    if missing := [tool for tool in ("xgettext", "msgmerge", "msgfmt") if not shutil.which(tool)]:
        print(f"Il manque {', '.join(missing)} : installez le paquet « gettext » (apt-get install gettext).")
        return 3
    before = {path: path.read_text() for path in catalogues()}
    check = "--check" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ressort"
        shutil.copytree(
            SOURCES, root, ignore=shutil.ignore_patterns("vendor", "__pycache__", "migrations", "*.mo")
        )
        here = Path.cwd()
        extract(root)
        os.chdir(here)
        after = {path: tidied((root / path.relative_to(SOURCES)).read_text()) for path in before}
    stale = [path for path, text in after.items() if text != before[path]]
    if check:
        for path in stale:
            print(f"{path.relative_to(SOURCES.parent.parent)} n'est pas à jour : lancez tools/messages.sh")
        return 1 if stale else 0
    for path, text in after.items():
        path.write_text(text)
        subprocess.run(["msgfmt", "--no-hash", "-o", path.with_suffix(".mo"), path], check=True)
        print(f"{path.relative_to(SOURCES.parent.parent)} : {text.count('msgid ') - 1} phrases")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
