"""What is wrong with a procedure, line by line, in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.errors import Words
from ressort.engines.procedures import Fault, Procedure, Step

_SAID: dict[str, Words] = {
    "no-steps": gettext_lazy("Écrivez au moins une étape : « Vérifier : la route est-elle coupée ? »."),
    "too-many-steps": gettext_lazy("Une procédure a %(about)s étapes au plus : coupez-la en deux."),
    "long-line": gettext_lazy("Cette ligne dépasse %(about)s caractères : coupez-la en deux étapes."),
    "bad-label": gettext_lazy("Un repère s'écrit seul entre crochets : [secours]."),
    "label-end": gettext_lazy("« fin » est déjà le nom de la fin : choisissez un autre repère."),
    "label-twice": gettext_lazy("Le repère « %(about)s » existe déjà plus haut : changez l'un des deux."),
    "answer-alone": gettext_lazy("Une réponse suit une ligne « Décider : … » : il n'y en a pas juste au-dessus."),
    "bad-answer": gettext_lazy("Une réponse s'écrit « - Oui -> repère », de 80 caractères au plus."),
    "answer-twice": gettext_lazy("La réponse « %(about)s » est déjà dans cette décision."),
    "few-answers": gettext_lazy("Une décision a deux réponses au moins, une par ligne : « - Oui -> repère »."),
    "unknown-word": gettext_lazy(
        "« %(about)s » n'est pas reconnu. Commencez par Vérifier, Appeler, Commander, Prévenir, Attendre, Décider ou "
        "Aller à, puis deux-points."
    ),
    "near-word": gettext_lazy("Ce premier mot n'est pas reconnu. Vouliez-vous écrire « %(about)s » ?"),
    "no-colon": gettext_lazy("Il manque deux-points après « %(about)s »."),
    "empty": gettext_lazy("Dites quoi faire après les deux-points."),
    "bad-command": gettext_lazy("Une commande s'écrit « Commander : quoi », ou « Commander : quoi | équipement | ordre »."),
    "no-duration": gettext_lazy("Une attente commence par sa durée : « Attendre : 10 min, l'arrivée de l'équipe »."),
    "bad-duration": gettext_lazy("Une attente dure d'une seconde à sept jours."),
    "unknown-label": gettext_lazy("Le repère « %(about)s » n'est nulle part : écrivez [%(about)s] avant l'étape voulue."),
    "endless": gettext_lazy("Ces renvois tournent en rond sans passer par une étape."),
    "unreached": gettext_lazy("Rien ne mène à cette étape : donnez-lui un repère, ou retirez-la."),
}  # fmt: skip
KINDS: dict[str, tuple[Words, str]] = {
    "check": (gettext_lazy("Vérifier"), "eye"),
    "call": (gettext_lazy("Appeler"), "phone"),
    "command": (gettext_lazy("Commander"), "bollard"),
    "message": (gettext_lazy("Prévenir"), "mail"),
    "wait": (gettext_lazy("Attendre"), "hourglass"),
    "decide": (gettext_lazy("Décider"), "question"),
}


def said(fault: Fault) -> str:
    """Return the sentence of a fault."""
    return str(_SAID[fault.code]) % {"about": fault.about}


def sentences(procedure: Procedure) -> list[tuple[int, str]]:
    """Return every fault: line, sentence."""
    return [(fault.line, said(fault)) for fault in procedure.faults]


def words(step: Step) -> str:
    """Return the kind of a step in words."""
    return str(KINDS[step.kind][0])


def icon(step: Step) -> str:
    """Return the pictogram of a step."""
    return KINDS[step.kind][1]


def leads(to: int | None) -> str:
    """Return where something leads: « étape 4 », « fin »."""
    return _("fin") if to is None else _("étape %(number)d") % {"number": to + 1}
