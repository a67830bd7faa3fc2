"""The words of templates that show lists: sorted, sifted, paged, walked back from."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ressort.web import undo

register = template.Library()


@register.simple_tag
def undo_of(message: Any) -> undo.Undo | None:
    """``{% undo_of message as back %}``: the form that takes back what a message says was done."""
    return undo.of(message)


@register.simple_tag
def table_of(name: str) -> SafeString:
    """``<div class="table-wrap" {% table_of "tournees" %}>``: a table one can sort, sift and take away as a file."""
    return format_html(
        'data-table="{}" data-sift="{}" data-take="{}"', name, _("Filtrer ces lignes"), _("Exporter (CSV)")
    )


@register.simple_tag(takes_context=True)
def sort_th(context: Context, key: str, label: str, numeric: bool = False) -> SafeString:  # noqa: FBT001, FBT002
    """``{% sort_th "start" "Départ" %}``: a column head that sorts by link (``?sort=start``, ``?sort=-start``)."""
    query = context["request"].GET.copy()
    present = query.get("sort", "")
    query["sort"] = f"-{key}" if present == key else key
    query.pop("page", None)
    order = {key: "ascending", f"-{key}": "descending"}.get(present)
    return format_html(
        '<th scope="col"{}{}><a href="?{}">{}</a></th>',
        mark_safe(' class="n"') if numeric else "",
        format_html(' aria-sort="{}"', order) if order else "",
        query.urlencode(),
        label,
    )


@register.simple_tag
def crumbs(*parts: str) -> SafeString:
    """``{% crumbs "Console" "/console/" "Demandes" "" %}``: label and address, two by two; the last without."""
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    inside = format_html_join(
        "",
        "<li>{}</li>",
        (
            (
                format_html('<a href="{}">{}</a>', url, label)
                if url
                else format_html('<span aria-current="page">{}</span>', label),
            )
            for label, url in pairs
        ),
    )
    return format_html('<nav aria-label="{}"><ol class="crumbs">{}</ol></nav>', _("Fil d'Ariane"), inside)


@register.inclusion_tag("web/components/pages.html", takes_context=True)
def pages(context: Context, page: Any) -> dict[str, Any]:
    """``{% pages page_obj %}``: previous, where we are, next."""
    kept = {key: value for key, value in context["request"].GET.items() if key != "page"}
    return {"page": page, "rest": f"{urlencode(kept)}&" if kept else ""}
