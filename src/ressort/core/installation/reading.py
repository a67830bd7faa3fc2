"""What every page asks of the installation, kept in memory and looked up again at once when it changes."""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.utils.translation import gettext as _

from ressort.core.errors import Refused
from ressort.core.installation.models import Installation

KEEP = 5.0
"""Seconds after which another process's change is seen."""

_lock = threading.Lock()
_kept: tuple[float, Installation] | None = None


def current() -> Installation:
    """Return the installation; one without row (``_state.adding``) where nothing was set up.

    At most one query every :data:`KEEP` seconds. Do not write to the returned object.
    """
    global _kept  # noqa: PLW0603 - the one memory of this module
    with _lock:
        known = _kept
    if known and time.monotonic() - known[0] < KEEP:
        return known[1]
    found = Installation.objects.filter(id=1).first() or Installation(id=1)
    with _lock:
        _kept = (time.monotonic(), found)
    return found


def forget() -> None:
    """Look the installation up again at the next question."""
    global _kept  # noqa: PLW0603
    with _lock:
        _kept = None


def is_finished() -> bool:
    """Tell whether the set-up is finished and the pages are open to everybody."""
    return current().finished is not None


def name() -> str:
    """Return the name shown to people, empty when nobody gave one; the environment's comes first."""
    return str(settings.TERRITORY_NAME) or current().name


def phone() -> str:
    """Return the public telephone; the environment's comes first."""
    return str(settings.PHONE) or current().phone


def accent() -> str:
    """Return the accent colour, empty for the house's own; the environment's comes first."""
    return str(settings.ACCENT) or current().accent


def languages() -> list[tuple[str, str]]:
    """Return the languages offered, code and own name; never empty."""
    wanted = current().languages
    kept = [(code, label) for code, label in settings.LANGUAGES if code in wanted]
    return kept or list(settings.LANGUAGES)


def is_open(service: str) -> bool:
    """Tell whether a service is open to the public."""
    opened = current().services
    return opened is None or service in opened


def refuse_demo() -> None:
    """Refuse to serve a demonstration's folder as a real installation.

    Raises
    ------
    Refused
        With what to do.
    """
    forget()
    if current().demo:
        raise Refused(
            "demo-folder",
            _(
                "Le dossier %(data_dir)s contient une démonstration : ses personnes et ses trajets sont fictifs, une installation réelle ne les reprend pas. Lancez « ressort demo », ou indiquez un dossier vide (RESSORT_DATA=…)."
            )
            % {"data_dir": settings.DATA_DIR},
            status=409,
        )


def refuse_real() -> None:
    """Refuse to let a demonstration take over a real installation.

    Raises
    ------
    Refused
        With what to do.
    """
    forget()
    found = current()
    if not found._state.adding and not found.demo:  # noqa: SLF001 - Django's own mark of a row never saved
        raise Refused(
            "not-a-demo",
            _(
                "Le dossier %(data_dir)s contient une installation réelle : la démonstration ne s'y mêle pas. Indiquez un autre dossier (RESSORT_DATA=…)."
            )
            % {"data_dir": settings.DATA_DIR},
            status=409,
        )
