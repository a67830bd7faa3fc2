"""``{% bundles_of situation %}``: the paper bundles of a situation, for whoever may read them."""

from __future__ import annotations

from typing import Any

from django import template

from ressort.services.controlroom.bundles import pages

register = template.Library()


@register.inclusion_tag("controlroom/bundles/section.html", takes_context=True)
def bundles_of(context: Any, situation: Any) -> dict[str, Any]:
    """Return the bundles of a situation with what may be done."""
    shown = pages.section(context["request"].user, situation)
    return {**shown, "request": context["request"], "csrf_token": context.get("csrf_token")} if shown else {}
