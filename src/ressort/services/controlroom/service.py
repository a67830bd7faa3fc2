"""What the control room tells the house about itself: the sum of its parts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import Service
from ressort.services.controlroom.equipment import part as equipment

manifest = Service(
    name="controlroom",
    label=_("Poste de commandement"),
    icon="shield",
    hue="controlroom",
    menu=(*equipment.MENU,),
    layers=(*equipment.LAYERS,),
    topics={**equipment.TOPICS},
    policy={**equipment.POLICY},
    watches=(*equipment.WATCHES,),
    periodic=(*equipment.PERIODIC,),
    erase=equipment.erase,
    export=equipment.export,
)
