"""Events of clearances: ids, classes and days only."""

from ressort.core.journal import declare

_WHAT = ("owner", "partner", "kinds", "until")
declare(
    "controlroom.clearance.granted",
    "Commande d'équipements confiée à un partenaire, jusqu'au {until}.",
    *_WHAT,
)
declare("controlroom.clearance.withdrawn", "Habilitation d'un partenaire retirée.", *_WHAT)
declare("controlroom.clearance.restored", "Habilitation d'un partenaire rendue, jusqu'au {until}.", *_WHAT)
declare(
    "controlroom.clearance.limited",
    "Personne limitée à certaines classes d'équipements.",
    "organisation",
    "kinds",
)
declare(
    "controlroom.clearance.freed", "Personne de nouveau habilitée pour toutes les classes.", "organisation"
)
