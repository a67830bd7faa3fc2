"""Events of the equipment: ids and codes only."""

from ressort.core.journal import declare

declare("controlroom.equipment.added", "Équipement inscrit.", "code", "asset_kind")
declare("controlroom.equipment.changed", "Équipement modifié.", "fields")
declare(
    "controlroom.equipment.taken",
    "Équipements importés : {added} ajouts, {changed} changements.",
    "added",
    "changed",
    "source",
)
declare("controlroom.equipment.upkeep", "Maintenance d'un équipement : {state}.", "state")
declare("controlroom.equipment.witness", "Témoin d'un équipement : {witness}.", "witness")
declare(
    "controlroom.equipment.contradicted",
    "Un équipement et son témoin se contredisent : il dit « {says} », le témoin « {sees} ».",
    *("says", "sees", "witness", "command", "concerns"),
)
declare(
    "controlroom.equipment.agreed",
    "Un équipement et son témoin sont de nouveau d'accord : « {says} ».",
    *("says", "sees", "witness", "command", "concerns"),
)
_WHAT = ("asset", "verb", "concerns", "why")
declare(
    "controlroom.command.asked", "Commande demandée : {verb}.", *_WHAT, "state", "hold", "emergency", "under"
)
declare(
    "controlroom.command.approved", "Commande approuvée par une seconde personne : {verb}.", *_WHAT, "under"
)
declare("controlroom.command.sent", "Commande envoyée : {verb}.", *_WHAT, "superseded")
declare("controlroom.command.accepted", "Commande reçue par l'équipement : {verb}.", *_WHAT)
declare("controlroom.command.confirmed", "Commande confirmée par l'équipement : {verb}.", *_WHAT, "seconds")
declare("controlroom.command.refused", "Commande refusée : {verb} ({why}).", *_WHAT, "fallback", "under")
declare("controlroom.command.timed_out", "Commande sans confirmation : {verb}.", *_WHAT, "fallback")
declare("controlroom.command.cancelled", "Commande annulée : {verb}.", *_WHAT, "under")
declare("controlroom.hold.released", "Maintien relâché : {verb} ({why}).", *_WHAT, "fallback", "under")
declare("controlroom.emergency.declared", "Urgence déclarée.", "minutes")
declare("controlroom.emergency.ended", "Fin de l'urgence déclarée.")
