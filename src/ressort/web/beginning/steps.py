"""The steps of the set-up, and which are done: read from what is there, so that nothing is asked twice."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core import registry
from ressort.core.installation import beginning, reading
from ressort.core.network import build
from ressort.core.territory.models import Territory


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the set-up. ``needed``: the pages cannot open to the public without it."""

    key: str
    label: str
    sentence: str
    url: str
    done: bool
    needed: bool


def steps() -> list[Step]:
    """Return every step, in order; those of the services last."""
    found = [
        Step(
            "administrator",
            _("Administrateur"),
            _("Qui administre l'installation."),
            reverse("web:setup_administrator"),
            beginning.has_administrator(),
            needed=True,
        ),
        Step(
            "territory",
            _("Territoire"),
            _("L'intercommunalité et ses communes."),
            reverse("web:setup_territory"),
            Territory.objects.exists(),
            needed=True,
        ),
        Step(
            "identity",
            _("Nom et apparence"),
            _("Ce que les habitants lisent et voient."),
            reverse("web:setup_identity"),
            bool(reading.current().name),
            needed=True,
        ),
        Step(
            "network",
            _("Réseau de rues"),
            _("Les rues, les adresses et la carte, d'un fichier OpenStreetMap."),
            reverse("web:setup_network"),
            build.active_version() is not None,
            needed=False,
        ),
    ]
    for service in registry.services():
        if service.start:
            start = service.start
            found.append(
                Step(
                    service.name,
                    str(start.label),
                    str(start.sentence),
                    reverse(start.url),
                    start.ready(),
                    needed=False,
                )
            )
    return found


def following(key: str) -> str:
    """Return the address of the step after one, or of the overview after the last."""
    every = steps()
    rank = next((n for n, step in enumerate(every) if step.key == key), len(every))
    coming = [step for step in every[rank + 1 :] if not step.done]
    return coming[0].url if coming else reverse("web:setup")
