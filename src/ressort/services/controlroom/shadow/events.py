"""Events of shadow: ids and codes only."""

from ressort.core.journal import declare

declare("controlroom.trial.real", "Commandes réelles permises.", "trial", "cases", "matches")
declare("controlroom.trial.shadow", "Retour en observation.", "trial")
declare(
    "controlroom.trial.written",
    "Critères d'une mise à l'épreuve écrits.",
    "trial",
    "fewest",
    "agreement",
    "window",
)
declare("controlroom.proposal.made", "Réflexe proposé : {verb}.", "trial", "asset", "verb", "concerns")
declare("controlroom.reflex.written", "Réflexe écrit.", "reflex", "rule", "asset", "verb", "active")
