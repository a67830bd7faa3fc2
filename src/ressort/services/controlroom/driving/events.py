"""Events of the drivers: ids and codes only."""

from ressort.core.journal import declare

declare("controlroom.address.declared", "Adresse d'équipements déclarée.", "new")
declare("controlroom.address.removed", "Adresse d'équipements retirée.")
declare("controlroom.equipment.wired", "Pilote d'un équipement réglé : {driver}.", "driver")
declare("controlroom.fault.injected", "Panne simulée : {fault}.", "fault")
