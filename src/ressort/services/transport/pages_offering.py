"""Preparing offerings: a draft, its form, its comparison with the version in force, its publication."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ressort.core.accounts import people
from ressort.core.accounts.policy import allowed, authorise
from ressort.core.errors import Refused, Unknown
from ressort.services.transport import queries
from ressort.services.transport.actions import offerings
from ressort.services.transport.forms_offering import (
    MINUTES,
    RULES,
    SCHOOL_DAYS,
    NewOffering,
    OfferingForm,
    write_hours,
)
from ressort.services.transport.models import Hours, Offering
from ressort.web.doors import door
from ressort.web.forms import refuse
from ressort.web.words import euros, number

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@door("transport.offering.publish")
@get_or_post
def new(request: HttpRequest) -> HttpResponse:
    """Prepare a new offering."""
    mine = people.managed(request.user)
    form = NewOffering(request.POST or None, organisations=mine)
    if request.method == "POST" and form.is_valid():
        try:
            made = offerings.draft(request.user, form.cleaned_data["organisation"], form.cleaned_data["name"])
        except Refused as error:
            refuse(form, error)
        else:
            return redirect("transport:offering_edit", pk=made.pk)
    return render(request, "transport/offering_new.html", {"form": form}, status=422 if form.errors else 200)


@door("transport.offering.publish")
@get_or_post
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft, beside the version in force."""
    draft = offerings.find(pk)
    authorise(request.user, "transport.offering.publish", draft)
    if draft.state != Offering.State.DRAFT:
        return redirect("transport:offering")
    if request.method == "POST":
        form = OfferingForm(request.POST, organisation=draft.organisation_id)
        if form.is_valid():
            try:
                offerings.change(request.user, pk, **form.wanted())
            except Refused as error:
                if error.field == "price_cents":
                    error.field = "price"
                refuse(form, error)
            else:
                messages.success(request, _("Le brouillon est enregistré."))
                return redirect("transport:offering_edit", pk=pk)
    else:
        form = OfferingForm.of(draft)
    before = (
        Offering.objects.filter(name=draft.name, state=Offering.State.PUBLISHED)
        .order_by("-version")
        .prefetch_related("hours", "places", "vehicles")
        .first()
    )
    context = {
        "form": form,
        "draft": draft,
        "before": before,
        "changes": differences(before, draft) if before else [],
        **queries.school_known(),
        "may_load_calendar": allowed(request.user, "calendar.load").ok,
    }
    return render(request, "transport/offering_edit.html", context, status=422 if form.errors else 200)


def differences(before: Offering, after: Offering) -> list[tuple[str, str, str]]:
    """Return what a draft changes: label, words of the version in force, words of the draft."""
    one, other = _told(before), _told(after)
    labels = [*other, *(label for label in one if label not in other)]
    told = [(label, one.get(label, "–"), other.get(label, "–")) for label in labels]
    return [(label, old, fresh) for label, old, fresh in told if old != fresh]


def _told(offering: Offering) -> dict[str, str]:
    found = {
        _("Du"): f"{offering.valid_from:%d/%m/%Y}",
        _("Au"): f"{offering.valid_to:%d/%m/%Y}" if offering.valid_to else "–",
        _("Qui peut voyager"): str(offering.get_riders_display()),
        _("Prix par voyageur"): euros(offering.price_cents),
        _("Allongement du trajet (facteur)"): number(offering.ride_factor, 1),
    }
    for key, label in RULES:
        value = getattr(offering, key)
        found[str(label)] = number(value / 60 if key in MINUTES else value)
    every = list(offering.hours.all())
    for day, word in Hours.Day.choices:
        spans = [(one.opens, one.closes) for one in every if one.day == day and not one.school]
        found[str(word).capitalize()] = write_hours(spans) or _("fermé")
    found[_("Vacances scolaires")] = str(offering.get_school_display())
    for day, word in SCHOOL_DAYS:
        spans = [(one.opens, one.closes) for one in every if one.day == day and one.school]
        if offering.school == Offering.School.OTHER:
            found[_("%(day)s, en vacances") % {"day": str(word).capitalize()}] = write_hours(spans) or _(
                "fermé"
            )
    found[_("Arrêts")] = _listed([place.name for place in offering.places.all()])
    found[_("Véhicules")] = _listed([van.name for van in offering.vehicles.all()])
    return found


def _listed(names: list[str]) -> str:
    """Return how many, and their names when they are few."""
    return f"{len(names)} : {', '.join(sorted(names))}" if 0 < len(names) <= 8 else str(len(names))


@door("transport.offering.publish")
@require_POST
def act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Prepare the next version, publish, withdraw, or throw a draft away."""
    user: Any = request.user
    match deed:
        case "suivante":
            return redirect("transport:offering_edit", pk=offerings.next_version(user, pk).pk)
        case "publier":
            made = offerings.publish(user, pk)
            messages.success(request, _("La version %(version)d est publiée.") % {"version": made.version})
        case "retirer":
            if request.POST.get("sure") != "yes":
                raise Refused("not-sure", _("Cochez la case pour confirmer le retrait."), field="sure")
            offerings.withdraw(user, pk)
            messages.success(request, _("L'offre est retirée : rien de nouveau ne s'y réserve."))
        case "abandonner":
            offerings.discard(user, pk)
            messages.success(request, _("Le brouillon est abandonné."))
        case _:
            raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    return redirect("transport:offering")
