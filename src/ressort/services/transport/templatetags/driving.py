"""The words of the driver's templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ressort.services.transport.pages_driver import DEEDS

register = template.Library()


@register.simple_block_tag(takes_context=True)
def deed(context: Any, content: str, slug: str, visit: int | None = None, extra: str = "row") -> SafeString:
    """``{% deed "servir" visit=visit.pk %}<button>Est monté</button>{% enddeed %}``: a form that does one deed.

    With scripts the sheet alone comes back, and ``tour.js`` keeps the deed when there is no network.
    """
    url = reverse("transport:act", kwargs={"tour": context["tour"].pk, "deed": slug})
    named = format_html('<input type="hidden" name="visit" value="{}">', visit) if visit else ""
    return format_html(
        '<form class="{}" method="post" action="{}" hx-post="{}" hx-target="#sheet" data-deed="{}">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">{}{}</form>',
        extra,
        url,
        url,
        DEEDS[slug],
        get_token(context["request"]),
        named,
        content,
    )
