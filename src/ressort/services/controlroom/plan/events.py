"""Every event of the plan. Names and numbers are never in the journal."""

from ressort.core.journal import declare

declare("controlroom.plan.added", "Plan de sauvegarde : une entrée ajoutée.", "list")
declare("controlroom.plan.changed", "Plan de sauvegarde : une entrée modifiée.", "list", "fields")
declare("controlroom.plan.withdrawn", "Plan de sauvegarde : une entrée retirée.", "list")
declare("controlroom.plan.returned", "Plan de sauvegarde : une entrée remise.", "list")
declare("controlroom.plan.imported", "Plan de sauvegarde importé : {added} ajouts, {changed} modifications.",
        "added", "changed")  # fmt: skip
