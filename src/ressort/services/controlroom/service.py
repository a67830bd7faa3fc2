"""What the control room tells the house about itself: the sum of its parts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import Service

manifest = Service(
    name="controlroom",
    label=_("Poste de commandement"),
    icon="shield",
    hue="controlroom",
)
