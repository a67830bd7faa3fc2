"""The words every template may use. The style page (``/console/style/``) shows each with its source."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, RadioSelect
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.live import tokens as live_tokens
from ressort.core.retold import retold
from ressort.web import icons, states, words

register = template.Library()


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """``{% icon "van" %}``: a pictogram; give ``label`` only when no word stands beside it."""
    return icons.svg(name, str(label), extra)


@register.simple_tag
def logo() -> SafeString:
    """``{% logo %}``: the mark of the product."""
    return mark_safe(icons.MARK)


@register.simple_tag
def status(code: str, word: str = "", note: str = "") -> SafeString:
    """``{% status booking.state %}``: colour, shape and word of a state; ``word`` replaces the usual one."""
    found = states.state(str(code))
    return format_html(
        '<span class="pill hue-{}{}"{}>{}{}</span>',
        found.hue,
        " outline" if found.outline else "",
        format_html(' title="{}"', note) if note else "",
        icons.svg(found.icon),
        word or found.word,
    )


@register.simple_tag
def when(at: datetime | None, missing: str = "–") -> SafeString | str:
    """``{% when booking.pickup_at %}``: « dans 12 min », with the exact value on hover and in ``datetime``."""
    if at is None:
        return missing
    return format_html(
        '<time datetime="{}" title="{}" data-when>{}</time>',
        at.isoformat(timespec="seconds"),
        words.exactly(at, _zone()),
        words.when(at, service_now(), _zone()),
    )


@register.simple_tag
def hour(at: datetime | None, missing: str = "–") -> SafeString | str:
    """``{% hour visit.planned %}``: « 18 h 05 » in the territory's zone."""
    if at is None:
        return missing
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        words.exactly(at, _zone()),
        words.hour(at.astimezone(_zone())),
    )


@register.simple_tag
def window(start: datetime, end: datetime) -> SafeString:
    """``{% window a b %}``: « entre 7 h 30 et 7 h 40 »."""
    one, other = (words.hour(at.astimezone(_zone())) for at in (start, end))
    said = _("entre %(start)s et %(end)s") % {"start": one, "end": other}
    return format_html('<span title="{}">{}</span>', words.exactly(start, _zone()), said)


@register.filter
def day(at: datetime | None) -> str:
    """``{{ at|day }}``: « mardi 14 novembre »."""
    return "–" if at is None else words.day(at.astimezone(_zone()))


@register.filter
def number(value: float | None, digits: int = 0) -> str:
    """``{{ 1234.5|number:1 }}``: « 1 234,5 »; nothing becomes a dash."""
    return "–" if value is None else words.number(float(value), int(digits))


@register.filter
def percent(share: float | None, digits: int = 0) -> str:
    """``{{ 0.4|percent }}``: « 40 % » of a share between 0 and 1."""
    return "–" if share is None else words.percent(float(share), int(digits))


@register.filter
def duration(seconds: float | None) -> str:
    """``{{ 725|duration }}``: « 12 min »."""
    return "–" if seconds is None else words.duration(float(seconds))


@register.filter
def distance(metres: float | None) -> str:
    """``{{ 1240|distance }}``: « 1,2 km »."""
    return "–" if metres is None else words.distance(float(metres))


@register.filter
def phone(number: str) -> str:
    """``{{ contact.phone|phone }}``: « 06 12 34 56 78 » for a French number, others as they are kept."""
    return words.phone(str(number))


@register.filter
def euros(cents: int | None) -> str:
    """``{{ 250|euros }}``: « 2,50 € » from cents."""
    return "–" if cents is None else words.euros(int(cents))


# {{ job.error|retold }}: a sentence kept in French, in the reader's language
register.filter("retold", retold)


@register.filter
def typo(text: str) -> str:
    """``{{ text|typo }}``: French non-breaking spaces (escaping stays on)."""
    return words.typo(str(text))


@register.filter
def css(value: float) -> str:
    """``style="left:{{ x|css }}%"``: a figure as CSS writes it, whatever the language."""
    return f"{float(value):.3f}".rstrip("0").rstrip(".")


@register.filter
def coordinate(value: Any) -> str:
    """``value="{{ lon|coordinate }}"``: a longitude or latitude as programs write it; nothing stays empty."""
    return "" if value in {None, ""} else f"{float(value):.6f}"


@register.filter
def as_json(value: Any) -> str:
    """``data-x="{{ value|as_json }}"``: JSON for an attribute (escaped by the template)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@register.simple_tag
def live_token(topic: str) -> str:
    """``{% live_token "kind:transport." %}``: the signed token of a topic the page has the right to follow."""
    return live_tokens.sign(topic)


@register.simple_tag
def live(topic: str) -> SafeString:
    """``<div {% live "kind:transport." %} hx-get="…" hx-trigger="live">``: follow a topic.

    ``live.js`` sends the element an event ``live`` for each journal event of the topic (``latest`` for a
    ``latest:`` channel) and marks it ``is-stale`` when the stream is silent.
    """
    return format_html('data-live="{}" data-live-token="{}"', topic, live_tokens.sign(topic))


@register.simple_tag
def field(bound: BoundField, label: str = "", help: str = "", kind: str = "") -> SafeString:  # noqa: A002
    """``{% field form.name %}``: label, help, control and error, tied to each other.

    ``kind`` may be ``segments`` (radios as a bar), ``stepper`` (a number with − and +), ``tick`` (a checkbox).
    """
    help_text, wrong = help or bound.help_text, bool(bound.errors)
    described = [f"{bound.auto_id}-help"] * bool(help_text) + [f"{bound.auto_id}-error"] * wrong
    attrs: dict[str, Any] = {"aria-describedby": " ".join(described)} if described else {}
    if wrong:
        attrs["aria-invalid"] = "true"
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        kind = kind or "tick"
    elif isinstance(widget, RadioSelect):
        kind = kind or "radios"
    return mark_safe(
        render_to_string(
            "web/components/field.html",
            {
                "bound": bound,
                "label": label or bound.label,
                "help": help_text,
                "kind": kind,
                "control": "" if kind in {"radios", "segments"} else bound.as_widget(attrs=attrs),
                "described": " ".join(described),
                "wrong": wrong,
            },
        )
    )


@register.inclusion_tag("web/components/error_summary.html")
def errors_of(form: Any) -> dict[str, Any]:
    """``{% errors_of form %}``: the list of what is wrong, each linked to its field."""
    return {"form": form}


@register.inclusion_tag("web/components/picker.html", takes_context=True)
def picker(
    context: Context, name: str, label: str, value: str = "", lon: Any = "", lat: Any = "", **more: Any
) -> dict[str, Any]:
    """``{% picker "origin" "Départ" value lon lat %}``: a place, as plain text or chosen from the list.

    Posts ``origin`` (text), ``origin_lon``, ``origin_lat``, ``origin_id``. More: ``help``, ``error``,
    ``required``, ``placeholder``, ``icon``, ``point`` (a point of the map can be shown: the page loads ``map.css``).
    """
    return {
        "shell": context["shell"],
        "csp_nonce": context.get("csp_nonce"),
        "center": [float(coordinate(lon)), float(coordinate(lat))]
        if coordinate(lon) and coordinate(lat)
        else None,
        "text_url": f"#id_{name}",
        "no_layers": [],
        "name": name,
        "label": label,
        "value": value,
        "lon": lon,
        "lat": lat,
        "icon": "pin",
        "url": "/api/v1/places",
        **more,
    }


@register.simple_block_tag
def card(content: str, title: str = "", icon: str = "", hue: str = "", extra: str = "") -> SafeString:
    """``{% card "Titre" icon="van" %}…{% endcard %}``."""
    head: str = ""
    if title:
        picture = icons.svg(icon) if icon else ""
        head = format_html("<header>{}<h3>{}</h3></header>", picture, title)
    return format_html(
        '<section class="card {} {}">{}{}</section>', f"hue-{hue}" if hue else "", extra, head, content
    )


@register.simple_block_tag
def notice(content: str, tone: str = "info", icon: str = "") -> SafeString:
    """``{% notice "warn" %}…{% endnotice %}``: tones info, ok, warn, bad."""
    usual = {"info": "info", "ok": "check-circle", "warn": "alert", "bad": "alert"}
    return format_html(
        '<div class="notice hue-{}"{}>{}<div>{}</div></div>',
        tone,
        mark_safe(' role="alert"') if tone == "bad" else "",
        icons.svg(icon or usual.get(tone, "info")),
        content,
    )


@register.simple_block_tag
def empty(content: str, title: str, icon: str = "info", level: int = 2) -> SafeString:
    """``{% empty "Aucune demande" icon="list" %}what will be here, and a button{% endempty %}``.

    ``level`` is that of its heading: one more than the heading above it.
    """
    return format_html(
        '<div class="empty"><span class="pictogram">{0}</span><h{3}>{1}</h{3}>{2}</div>',
        icons.svg(icon),
        title,
        content,
        level,
    )


@register.simple_block_tag
def dialog(content: str, id: str, title: str, icon: str = "") -> SafeString:  # noqa: A002
    """``{% dialog "confirm" "Annuler ce trajet ?" %}…{% enddialog %}``, opened by ``data-opens="confirm"``."""
    return mark_safe(
        render_to_string(
            "web/components/dialog.html", {"id": id, "title": title, "icon": icon, "content": content}
        )
    )


@register.simple_tag
def stat(value: Any, label: str, unit: str = "", note: str = "", tone: str = "") -> SafeString:
    """``{% stat 1234 "Trajets" unit="/h" note="estimation" tone="ok" %}``: one figure and what it is."""
    shown = value if isinstance(value, str) else words.number(value, 0 if isinstance(value, int) else 1)
    return format_html(
        '<div class="stat {}"><span class="what">{}</span><span class="value">{}{}</span>{}</div>',
        tone,
        label,
        shown,
        format_html(' <span class="unit">{}</span>', unit) if unit else "",
        format_html('<span class="note">{}</span>', note) if note else "",
    )


@register.inclusion_tag("web/components/progress.html")
def progress(job: Any, title: str = "", url: str = "") -> dict[str, Any]:
    """``{% progress job "Préparation du réseau" url %}``: step, bar, percentage; follows ``url`` while it runs."""
    return {"job": job, "title": title, "url": url}


@register.inclusion_tag("web/components/timeline.html")
def timeline(events: Iterable[Any]) -> dict[str, Any]:
    """``{% timeline events %}``: items with ``at``, ``text`` and optionally ``hue``, ``url``, ``now``."""
    return {"events": events}


@register.inclusion_tag("web/components/gantt.html")
def gantt(plan: Any) -> dict[str, Any]:
    """``{% gantt plan %}``: a :class:`ressort.web.gantt.Plan`."""
    return {"plan": plan}


@register.inclusion_tag("web/components/chart.html")
def chart(figure: Any) -> dict[str, Any]:
    """``{% chart figure %}``: a :class:`ressort.web.charts.Chart`, with its table one click away."""
    return {"figure": figure}


@register.inclusion_tag("web/components/live_chart.html")
def live_chart(figure: Any) -> dict[str, Any]:
    """``{% live_chart figure %}``: a :class:`ressort.web.series.LiveChart`; the page loads ``web/live-chart.js``."""
    return {"figure": figure}


@register.inclusion_tag("web/components/map.html", takes_context=True)
def map_view(context: Context, label: str = "", layers: Any = None, **more: Any) -> dict[str, Any]:
    """``{% map_view "Carte du trajet" layers=mine bounds=b framed=True text_url="#list" %}``.

    Without ``layers``, those of the manifests that the person may see. More: ``center`` ``[lon, lat]``, ``zoom``,
    ``bounds`` ``[w, s, e, n]``, ``framed`` (a box in a page), ``key`` (False hides the legend), ``text_url``
    (where the same is said in words), ``follow`` (key of the moving object to keep in view), ``asked_for`` (on a
    phone the map waits behind a drawing until it is asked for: for pages that say the same in words below).
    """
    shell = context["shell"]
    return {
        "shell": shell,
        "csp_nonce": context.get("csp_nonce"),
        "label": label or _("Carte"),
        "layers": shell.layers if layers is None else layers,
        "bounds": more.pop("bounds", None) or shell.map_bounds,
        "key": more.pop("key", True),
        **more,
    }
