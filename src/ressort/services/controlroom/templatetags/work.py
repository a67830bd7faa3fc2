"""``{% works_of "incident" incident.number may %}``: the work ordered from something, and the button that orders more."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from ressort.core.accounts import policy
from ressort.services.controlroom.corridors import queries as corridors
from ressort.services.controlroom.corridors.planning import OPEN
from ressort.services.controlroom.orders import queries
from ressort.services.controlroom.orders.actions.holding import ORDER, SEE

register = template.Library()


@register.inclusion_tag("controlroom/orders/of.html", takes_context=True)
def works_of(context: Any, kind: str, number: Any, may: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - a tag
    """Return the orders made from something, for whoever may see orders, and where another is made."""
    user = context["request"].user
    if not policy.allowed(user, SEE):
        return {}
    link = f"{reverse('controlroom:work_new')}?{urlencode({'source': f'{kind}:{number}'})}"
    return {
        "rows": [queries.told(one) for one in queries.of_source(kind, number, user)[:6]],
        "link": link if may and policy.allowed(user, ORDER) else "",
    }


@register.inclusion_tag("controlroom/corridors/of.html", takes_context=True)
def corridors_of(context: Any, incident: Any, may: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - a tag
    """Return the corridors of an incident, for whoever may see them, and where another is prepared."""
    user = context["request"].user
    if not policy.allowed(user, "controlroom.corridor.see"):
        return {}
    link = f"{reverse('controlroom:corridor_new')}?{urlencode({'incident': incident.number})}"
    return {
        "rows": corridors.of_incident(incident),
        "link": link if may and policy.allowed(user, OPEN) else "",
    }


@register.filter
def by_second(seconds: float) -> str:
    """``{{ 80|by_second }}``: « 1 min 20 »."""
    return corridors.clock(seconds)
