"""The guided tour: a few steps per role, each a link to a real page with one element highlighted.

Services declare their steps in the manifest; the house adds its own below. The address carries the step
(``?visite=2#plan``), so that a tour needs no script and no memory but whether it was closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ressort.core import registry
from ressort.core.accounts import policy
from ressort.core.accounts.models import Role
from ressort.core.installation import reading
from ressort.core.registry import TourStep

STEP = "visite"
"""Name of the step in an address."""
FOREMOST = (
    *(Role.ADMINISTRATOR, Role.OPERATOR, Role.DISPATCHER, Role.AGENT, Role.DRIVER),
    *(Role.OBSERVER, Role.RIDER),
)
"""Somebody with several roles is shown the first of these."""

_MESSAGES = TourStep(
    _("Choisir mes messages"),
    _("Courriel, SMS ou notification, et de quoi : vous décidez, et des heures calmes aussi."),
    "web:messages",
    "notify.choose",
    "what",
)
_WHY = TourStep(
    _("Comprendre une décision"),
    _("Chaque réponse a un numéro de reçu. Il s'explique ici, se recalcule, et se conteste."),
    "web:algorithms",
    "receipt.see",
    "number",
)
_APPEALS = TourStep(
    _("Répondre à un recours"),
    _("Quelqu'un conteste une décision : une personne la reprend ici, et répond avant la date due."),
    "web:appeals",
    "appeal.answer",
)
_JOURNAL = TourStep(
    _("Le journal et les touches"),
    _(
        "En bas, tout ce qui se passe, au fil de l'eau : touche J. Les autres touches : point d'interrogation."
    ),
    "web:console",
    "journal.see",
    "journal",
)

HOUSE: dict[str, tuple[TourStep, ...]] = {
    "rider": (
        _MESSAGES,
        _WHY,
        TourStep(
            _("Mes données"),
            _("Tout ce que nous gardons de vous, pourquoi et jusqu'à quand ; à télécharger ou à effacer."),
            "web:my_data",
            "account.export",
        ),
    ),
    "observer": (
        TourStep(
            _("La carte, et ce qui se passe"),
            _("Les équipements, les alarmes et les incidents ouverts ; à droite, ce qu'il y a à suivre."),
            "web:console",
            "console.see",
        ),
        TourStep(
            _("Revoir un moment"),
            _("La carte, les alarmes et les incidents tels qu'ils étaient à une heure passée."),
            "web:past",
            "journal.see",
        ),
        _JOURNAL,
        _MESSAGES,
    ),
    "driver": (
        TourStep(
            _("La carte du territoire"),
            _("Les arrêts et les rues de votre territoire, avec leur légende."),
            "web:console",
            "console.see",
        ),
        _MESSAGES,
    ),
    "agent": (
        TourStep(
            _("Les messages envoyés"),
            _("Ce que chaque personne a reçu, et ce qui n'est pas arrivé. Cherchez par code de suivi."),
            "web:outbox",
            "notify.see",
            "code",
        ),
        _APPEALS,
        _JOURNAL,
    ),
    "dispatcher": (_APPEALS, _JOURNAL),
    "operator": (_JOURNAL,),
    "administrator": (
        TourStep(
            _("Les personnes"),
            _(
                "Invitez, donnez un rôle et une fin, retirez un accès : chacun n'a que les droits de son travail."
            ),
            "web:people",
            "people.manage",
            "q",
        ),
        TourStep(
            _("Le nom et l'apparence"),
            _(
                "Nom, logo, couleur, téléphone, mentions légales : ce que les habitants lisent sur chaque page."
            ),
            "web:branding",
            "installation.change",
        ),
        TourStep(
            _("La conservation des données"),
            _("Combien de temps chaque sorte de données est gardée, et ce que le passage du jour a effacé."),
            "web:retention",
            "privacy.runs",
            "rules",
        ),
        _JOURNAL,
    ),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A step as the pages show it."""

    number: int
    label: str
    sentence: str
    url: str


class GuidedTour:
    """The tour of one person, on the page at hand.

    In templates: ``role``, ``stages``, ``closed`` (it is no longer proposed), ``at`` (the stage this page is, if it
    is one), ``before``, ``after``, ``way_out``.
    """

    def __init__(self, request: HttpRequest, role: str) -> None:
        self.request, self.role = request, role

    @property
    def closed(self) -> bool:
        """Tell whether the person closed this role's tour."""
        return self.request.user.toured == self.role  # type: ignore[union-attr]

    @cached_property
    def stages(self) -> list[Stage]:
        """The steps that this person may open, the services' first."""
        steps: list[TourStep] = []
        for service in registry.services():
            if self.role != Role.RIDER or reading.is_open(service.name):
                steps += service.tours.get(self.role, ())
        steps += HOUSE[self.role]
        kept = [step for step in steps if policy.allowed(self.request.user, step.verb)]
        return [
            Stage(number, str(step.label), str(step.sentence), address(step, number))
            for number, step in enumerate(kept, 1)
        ]

    @cached_property
    def at(self) -> Stage | None:
        """The step that the address names, if it is one."""
        asked = self.request.GET.get(STEP, "")
        return next((stage for stage in self.stages if str(stage.number) == asked), None) if asked else None

    @property
    def way_out(self) -> str:
        """Where closing it leads: the page at hand, or « Mon espace » from the console, whose maps show no message."""
        console = self.request.path.startswith(reverse("web:console"))
        return reverse("web:account") if console else self.request.path

    @property
    def before(self) -> Stage | None:
        """The step before the one at hand."""
        return self._beside(-1)

    @property
    def after(self) -> Stage | None:
        """The step after the one at hand."""
        return self._beside(1)

    def _beside(self, move: int) -> Stage | None:
        rank = self.at.number - 1 + move if self.at else -1
        return self.stages[rank] if 0 <= rank < len(self.stages) else None


def address(step: TourStep, number: int) -> str:
    """Return where a step is: its page, which step it is, and what is highlighted there."""
    return reverse(step.url, query={STEP: number}, fragment=step.anchor or None)


def of(request: HttpRequest) -> GuidedTour | None:
    """Return the tour of whoever is signed in, for their foremost role; None for anybody else."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    held = policy.roles(user)
    return GuidedTour(request, next(str(role) for role in FOREMOST if role in held))
