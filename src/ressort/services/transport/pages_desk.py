"""The agent's desk: book for somebody on the phone, at the counter or from a paper form, on one screen.

One form posts to one address; the button says what to do (``do``). With htmx the form and its answer replace
themselves, without it the page does: both are the same fragment. Nothing of the person is kept between two posts.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.notify.models import Message
from ressort.services.transport import access, aloud, riders
from ressort.services.transport.actions import asking, booking, receipting
from ressort.services.transport.api import offers_out
from ressort.services.transport.forms import NOW, spot_of
from ressort.services.transport.forms_desk import Desk, ReceiptAgain, asked, filled
from ressort.services.transport.models import Booking
from ressort.services.transport.wishes import Spot
from ressort.web.doors import door
from ressort.web.forms import refuse

ENDS = ("origin", "destination")


@door("transport.trip.book_for")
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Ask and book for somebody; the whole exchange is this page."""
    if request.method != "POST":
        return _page(request, Desk(initial=_initial()), QueryDict(), focus="way")
    do, _sep, argument = request.POST.get("do", "ask")[:40].partition(":")
    match do:
        case "find":
            people = riders.search(request.user, request.POST.get("q", "")[:100])
            return _page(
                request, _unchecked(request.POST), request.POST, people=people, searched=True, focus="found"
            )
        case "like" | "again":
            data = _like(request, argument, again=do == "again")
            if do == "like":
                return _page(request, _unchecked(data), data, focus="origin")
            return _ask(request, data)
        case "choose" if argument.isdecimal() and request.POST.get("asked") == asked(request.POST):
            return _choose(request, int(argument))
    return _ask(request, request.POST)


@door("transport.rider.search")
@require_POST
def people(request: HttpRequest) -> HttpResponse:
    """Find people while the agent types; posted, so that no name or number stands in an address."""
    words = request.POST.get("q", "")[:100]
    found = riders.search(request.user, words)
    context = {"people": found, "searched": len(words.strip()) > 1}
    return render(request, "transport/book_for_people.html", context)


@door("transport.trip.book_for")
@require_safe
def booked_for(request: HttpRequest, code: str) -> HttpResponse:
    """Show what to read aloud once it is booked, and how the confirmation goes."""
    return render(request, "transport/book_for.html", {"done": _done(booking.find(code))})


@door("transport.trip.book_for")
@require_POST
def receipt_again(request: HttpRequest, code: str) -> HttpResponse:
    """Send the confirmation once more, or another way."""
    made, form = booking.find(code), ReceiptAgain(request.POST)
    if form.is_valid():
        try:
            receipting.send_again(
                request.user,
                code,
                form.cleaned_data["way"],
                form.cleaned_data["to"],
                key=request.POST.get("key", "")[:32] or uuid4().hex,
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Le reçu part. L'envoi se suit parmi les messages."))
            return redirect("transport:booked_for", code=code)
    return render(request, "transport/book_for.html", {"done": _done(made) | {"again": form}}, status=422)


def _ask(request: HttpRequest, data: QueryDict) -> HttpResponse:
    form, errors = Desk(data), dict[str, str]()
    if form.is_valid() and (ends := _ends(data, errors)):
        try:
            wish = form.wish(**ends)
            demand = asking.ask(request.user, wish, origin=form.cleaned_data["way_in"])
        except Refused as refused:
            _say(form, errors, refused)
        else:
            offers = offers_out(demand.offers)
            answer = {
                "demand": demand,
                "asked": asked(data),
                "offers": offers,
                "nearest": offers_out(demand.nearest, len(offers)),
            }
            return _page(request, form, data, focus="answer", **answer)
    return _page(request, form, data, errors=errors)


def _choose(request: HttpRequest, rank: int) -> HttpResponse:
    data = request.POST
    form, errors, pid = Desk(data), dict[str, str](), data.get("demand", "")[:24]
    if form.is_valid() and (ends := _ends(data, errors)):
        labels = {"from_label": ends["origin"].label, "to_label": ends["destination"].label}
        try:
            made = booking.accept(
                request.user, pid, rank, form.rider(**labels), key=f"desk:{pid}", behalf=form.behalf()
            )
        except Refused as refused:
            _say(form, errors, refused)
        else:
            address = reverse("transport:booked_for", args=[made.code])
            if not request.headers.get("HX-Request"):
                return redirect(address)
            answer = render(request, "transport/book_for_done.html", {"done": _done(booking.find(made.code))})
            answer["HX-Push-Url"] = address
            return answer
    kept: dict[str, Any] = {}
    try:
        demand = booking.find_demand(pid)
    except Refused:
        pass
    else:
        offers = offers_out(demand.offers)
        kept = {"demand": demand, "asked": asked(data), "offers": offers}
        kept["nearest"] = offers_out(demand.nearest, len(offers))
    return _page(request, form, data, errors=errors, **kept)


def _ends(data: QueryDict, errors: dict[str, str]) -> dict[str, Spot]:
    """Return both places, or nothing and why beside each."""
    ends = {}
    for field in ENDS:
        try:
            ends[field] = spot_of(data, field)
        except Refused as refused:
            errors[field] = refused.sentence
    return {} if errors else ends


def _say(form: Desk, errors: dict[str, str], refused: Refused) -> None:
    if refused.field in ENDS:
        errors[refused.field] = refused.sentence
    else:
        field = "hour" if refused.field == "at" else refused.field
        refuse(form, Refused(refused.code, refused.sentence, field=field))


def _like(request: HttpRequest, code: str, *, again: bool) -> QueryDict:
    """Return the form filled with who made a trip; ``again``: with the trip too, as soon as possible."""
    from ressort.core.accounts.policy import authorise

    authorise(request.user, "transport.rider.search")
    found = booking.find(code)
    contact = getattr(found, "contact", None)
    if contact is None:
        return request.POST
    data = filled(request.POST, name=contact.name, phone=contact.phone, email=contact.email)
    if not again:
        return data
    promise = found.promise
    for field, place in (("origin", promise.pickup), ("destination", promise.dropoff)):
        data = filled(
            data,
            **{field: place.name, f"{field}_id": place.public_id, f"{field}_lon": "", f"{field}_lat": ""},
        )
    heads = promise.seats + promise.wheelchairs
    return filled(data, passengers=heads, wheelchairs=promise.wheelchairs, luggage=promise.luggage)


def _unchecked(data: QueryDict) -> Desk:
    """Return the form as it was typed, with nothing told about what is still missing."""
    return Desk(initial={name: data[name] for name in Desk.base_fields if name in data})


def _initial() -> dict[str, Any]:
    here = access.local(service_now())
    return {"day": here.date(), "hour": here.replace(minute=0).time(), "mode": NOW}


def _page(request: HttpRequest, form: Desk, data: QueryDict, **more: Any) -> HttpResponse:
    """Return the desk, as a fragment when only that is asked for; 422 when something typed is wrong."""
    errors = more.get("errors", {})
    wrong = bool(errors or (form.is_bound and form.errors))
    for name in (
        "name",
        "receipt_by",
    ):  # not asked for the offers, but for the booking: not said to be optional
        form.fields[name].required = True
    context = {
        "form": form,
        "spots": {field: _spot(data, field) for field in ENDS},
        "q": data.get("q", "")[:100],
        "errors": errors,
        "open": _is_open(),
        "fresh": request.method != "POST",
        **more,
    }
    part = request.headers.get("HX-Request") and request.method == "POST"
    template = "transport/book_for_desk.html" if part else "transport/book_for.html"
    return render(request, template, context, status=422 if wrong else 200)


def _spot(data: QueryDict, field: str) -> dict[str, str]:
    found = {"text": data.get(field, "")[:200], "place": data.get(f"{field}_id", "")[:40]}
    for axis in ("lon", "lat"):
        try:
            found[axis] = str(float(data.get(f"{field}_{axis}", "")[:20]))
        except ValueError:
            found[axis] = ""
    return found


def _is_open() -> bool:
    try:
        access.in_force(service_now())
    except Refused:
        return False
    return True


def _done(made: Booking) -> dict[str, Any]:
    contact = getattr(made, "contact", None)
    return {
        "trip": made,
        "contact": contact,
        "lines": aloud.confirmation(made),
        "spelled": aloud.spelled(made.code),
        "again": ReceiptAgain(),
        "key": uuid4().hex,
        "sent": Message.objects.filter(asked=f"transport.booked:{made.pid}").order_by("pk").first(),
    }
