"""Pages for the public: report something, say « me too », follow."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.errors import Refused, Unknown
from ressort.engines.geodesy import grown
from ressort.services.controlroom.reports import forms, photos, queries, seen
from ressort.services.controlroom.reports.actions import erasing, making
from ressort.services.controlroom.reports.models import Follower, Report
from ressort.services.controlroom.reports.queries import Wanted
from ressort.services.controlroom.reports.seen import Seen, Where
from ressort.web import throttle
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 30
AROUND = 250.0
"""Metres around a report that its map shows."""


@door("controlroom.report.make")
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """First screen: what, and where. It leads to the second by its address, so that nothing is kept meanwhile."""
    asked = request.GET
    errors: dict[str, str] = {}
    form = forms.What(asked if "category" in asked or "where" in asked else None)
    if form.is_bound:
        try:
            found = _where(asked)
        except Refused as refused:
            errors["where"] = refused.sentence
        else:
            if form.is_valid():
                return redirect(f"{reverse('controlroom:report_details')}?{_query(form, found)}")
    context = {"form": form, "errors": errors, "spot": spot_of(asked), "none": []}
    status = 422 if errors or (form.is_bound and form.errors) else 200
    return render(request, "controlroom/report_start.html", context, status=status)


def _where(data: QueryDict) -> Where:
    return seen.where(
        data.get("where", ""), data.get("where_id", ""), data.get("where_lon"), data.get("where_lat")
    )


def _query(form: forms.What, found: Where) -> str:
    kept = QueryDict(mutable=True)
    kept["categorie"] = form.cleaned_data["category"]
    kept["lon"], kept["lat"], kept["lieu"] = f"{found.lon:.6f}", f"{found.lat:.6f}", found.label
    return kept.urlencode()


def spot_of(data: QueryDict) -> dict[str, str]:
    """Return what the picker shows: what was typed, or what a link says."""
    found = {"text": data.get("where", "")[:200], "place": data.get("where_id", "")[:40]}
    for axis in ("lon", "lat"):
        try:
            found[axis] = str(float(data.get(f"where_{axis}", "")[:20]))
        except ValueError:
            found[axis] = ""
    return found


@door("controlroom.report.make")
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Second screen: what was already reported close by, then a photo, words, how to be told."""
    data = request.POST if request.method == "POST" else request.GET
    try:
        category = seen.category(data.get("categorie", ""))
        where = seen.point(data.get("lon"), data.get("lat"), data.get("lieu", ""))
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("controlroom:report_start")
    form = forms.Details(request.POST, request.FILES) if request.method == "POST" else forms.Details()
    if request.method == "POST" and form.is_valid():
        try:
            brake(request)
            made = making.make(
                request.user,
                Seen(category.code, where, form.cleaned_data["text"]),
                form.reach(),
                photo=bytes_of(form.cleaned_data["photo"]),
                key=f"page:{request.POST.get('key', '')[:40]}" if request.POST.get("key") else None,
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("C'est envoyé. Merci !"))
            return redirect("controlroom:report_follow", code=made.code)
    context = {
        "form": form,
        "category": category,
        "where": where,
        "near": queries.near(where.lon, where.lat, category),
        "key": request.POST.get("key", "")[:40] or uuid4().hex,
    }
    return render(request, "controlroom/report_details.html", context, status=422 if form.errors else 200)


def bytes_of(file: Any) -> bytes:
    """Return a sent file's bytes, one more than allowed at most: the refusal says that it is too big."""
    return bytes(file.read(photos.MOST_BYTES + 1)) if file else b""


def brake(request: HttpRequest) -> None:
    """Refuse an address from which ten reports came within five minutes."""
    key = f"report {request.META.get('REMOTE_ADDR', '')}"
    throttle.check(key)
    throttle.count(key)


@door("controlroom.report.make")
@require_http_methods(["GET", "HEAD", "POST"])
def me_too(request: HttpRequest, pid: str) -> HttpResponse:
    """Say that one has seen the same, and how to be told."""
    report = making.find(pid)
    form = forms.Reaching(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            brake(request)
            made = making.support(request.user, pid, form.reach())
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("C'est noté : vous suivez ce signalement avec les autres."))
            return redirect("controlroom:report_follow", code=made.code)
    context = {"form": form, **_about(report)}
    return render(request, "controlroom/report_me_too.html", context, status=422 if form.errors else 200)


@door("controlroom.report.follow")
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Follow a report by one's own code."""
    return render(request, "controlroom/report.html", _followed(making.follower(code)))


def _followed(one: Follower) -> dict[str, Any]:
    own = one.first and not one.blanked
    return {"follower": one, "own": own, **_about(one.report, whole=own)}


@door("controlroom.report.see_public")
@require_safe
def report(request: HttpRequest, pid: str) -> HttpResponse:
    """Show a report to anybody: what, where, since when, what becomes of it."""
    return render(request, "controlroom/report.html", _about(making.find(pid)))


def _about(found: Report, *, whole: bool = False) -> dict[str, Any]:
    """Return what the page of a report shows; words and photo only once published, or to who sent them."""
    target = found
    while target.merged_into is not None:
        target = target.merged_into
    told = whole or found.shown
    return {
        "report": found,
        "target": target if target.pk != found.pk else None,
        "bounds": list(grown((found.lon, found.lat, found.lon, found.lat), AROUND)),
        "look": queries.look_of(target),
        "place": queries.place_of(found),
        "text": found.words.text if told and hasattr(found, "words") else "",
        "photo": found.photo if told and hasattr(found, "photo") else None,
        "steps": [step for step in target.steps.all() if step.deed not in {"shown", "hidden", "sorted"}],
        "layers": [_layer(str(found.category), reverse("controlroom:report_map", args=[found.pid]))],
    }


def _layer(label: str, source: str) -> dict[str, Any]:
    """Return a still layer of reports, as the map's script reads it."""
    still = dict.fromkeys(("topic", "channel", "token"), "")
    return {
        "key": "reports",
        "label": label,
        "source": source,
        "shape": "square",
        "hue": "controlroom",
        "visible": True,
        **still,
    }


@door("controlroom.report.see_public")
@require_safe
def report_map(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the point of a report as GeoJSON."""
    del request
    return JsonResponse(queries.geojson([making.find(pid)], staff=False))


@door("controlroom.report.see_public")
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """List what was reported, and the delays promised and kept by category."""
    state = "closed" if request.GET.get("etat") == "closed" else "open"
    wanted = Wanted(state=state, category=request.GET.get("categorie", "")[:40])
    page = Paginator(queries.listed(wanted), PAGE).get_page(request.GET.get("page"))
    kept = queries.kept_promises()
    context = {
        "page": page,
        "state": state,
        "wanted": wanted,
        "rows": [(one, queries.look_of(one), queries.place_of(one)) for one in page],
        "categories": [(one, *kept.get(one.pk, (0, 0))) for one in queries.categories()],
        "counts": queries.counts(),
        "layers": [_layer(_("Signalements"), "/api/v1/controlroom/reports.geojson")],
    }
    return render(request, "controlroom/reports.html", context)


@door("controlroom.report.see_public")
@require_safe
def photo(request: HttpRequest, pid: str) -> HttpResponse:
    """Give a photo: to everybody once published, before that to agents and to who sent it (``?code=``)."""
    found = making.find(pid)
    picture = getattr(found, "photo", None)
    if picture is None or not (found.shown or _may_look(request, found)):
        raise Unknown("photo", _("Cette photo n'est pas publiée, ou n'existe plus."))
    try:
        data = photos.path(picture.name).read_bytes()
    except FileNotFoundError:
        raise Unknown("photo", _("Cette photo n'est pas publiée, ou n'existe plus.")) from None
    return HttpResponse(data, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def _may_look(request: HttpRequest, found: Report) -> bool:
    if policy.allowed(request.user, "controlroom.report.see").ok:
        return True
    try:
        one = making.follower(request.GET.get("code", "")[:20])
    except Refused:
        return False
    return one.first and one.report.pk == found.pk


@door("controlroom.report.follow")
@require_POST
def forget(request: HttpRequest, code: str) -> HttpResponse:
    """Erase what leads to oneself in a report: for whoever has the code."""
    if request.POST.get("sure") != "yes":
        raise Refused(
            "not-sure", _("Cochez la case pour confirmer que vous voulez tout effacer."), field="sure"
        )
    try:
        erasing.erase_mine(request.user, code)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Vos coordonnées, vos mots et votre photo sont effacés."))
    return redirect("controlroom:report_follow", code=code)


def find_by_code(code: str) -> str | None:
    """Return the page of a report by a follower's code, for « Mes suivis »."""
    try:
        return reverse("controlroom:report_follow", args=[making.follower(code).code])
    except Refused:
        return None
