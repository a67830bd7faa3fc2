"""Every event of duty, and how the timeline tells it. Names are never in the journal: ranks and numbers are."""

from ressort.core.journal import declare

declare("controlroom.duty.line_added", "Ligne d'astreinte ajoutée.", "ranks", "wait")
declare("controlroom.duty.line_changed", "Ligne d'astreinte modifiée.", "fields")
declare("controlroom.duty.line_closed", "Ligne d'astreinte fermée.")
declare("controlroom.duty.line_reopened", "Ligne d'astreinte rouverte.")
declare("controlroom.duty.contact_added", "Personne ajoutée aux astreintes.", "contact")
declare("controlroom.duty.contact_changed", "Coordonnées d'astreinte modifiées.", "contact", "fields")
declare("controlroom.duty.contact_left", "Personne retirée des astreintes.", "contact")
declare("controlroom.duty.contact_returned", "Personne remise aux astreintes.", "contact")
declare("controlroom.duty.planned", "Tour d'astreinte ajouté (rang {rank}).", "rank", "turn")
declare("controlroom.duty.unplanned", "Tour d'astreinte retiré (rang {rank}).", "rank", "turn")
declare("controlroom.duty.rotated", "Rotation d'astreinte : {turns} tours au rang {rank}.",
        "rank", "turns", "batch")  # fmt: skip
declare("controlroom.duty.unrotated", "Rotation d'astreinte retirée : {turns} tours.", "turns", "batch")
declare("controlroom.duty.imported", "Tours d'astreinte importés : {turns}.", "turns", "changed", "people")
declare("controlroom.duty.replaced", "Remplacement d'astreinte (rang {rank}).", "rank", "turn", "replacement")
declare("controlroom.duty.swapped", "Échange de tours d'astreinte.", "turn", "with_turn", "pair")
declare("controlroom.duty.given_back", "Remplacement d'astreinte retiré.", "turn", "replacement", "pair")
declare("controlroom.duty.auto_added", "Appel d'office ajouté à une astreinte.", "auto", "of")
declare("controlroom.duty.auto_dropped", "Appel d'office retiré d'une astreinte.", "auto", "of")

_CALL = ("line", "rank", "concerns", "exercise")
declare("controlroom.cascade.started", "Astreinte appelée.", *_CALL, "auto", "steps")
declare("controlroom.cascade.moved", "Astreinte : rang {rank} appelé.", *_CALL, "after", "because", "steps")
declare("controlroom.cascade.answered", "Astreinte : quelqu'un s'en charge (rang {rank}).",
        *_CALL, "step", "voice", "after_s")  # fmt: skip
declare("controlroom.cascade.declined", "Astreinte : ne peut pas (rang {rank}).", *_CALL, "step", "voice")
declare("controlroom.cascade.exhausted", "Astreinte : personne n'a répondu.", *_CALL)
declare("controlroom.cascade.stopped", "Appel d'astreinte arrêté.", *_CALL)

declare("controlroom.floor.came", "Poste pris en salle.", "duty", "presence")
declare("controlroom.floor.left", "Poste quitté en salle.", "duty", "presence")
declare("controlroom.handover.written", "Consignes de relève écrites.", "handover", "version")
declare("controlroom.handover.taken", "Relève prise.",
        "handover", "incidents", "alarms", "runs", "holds", "cascades")  # fmt: skip
