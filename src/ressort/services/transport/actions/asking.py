"""Asking for a trip: an immediate answer, with up to three offers or a refusal that explains itself."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now, wall_now
from ressort.core.errors import Refused
from ressort.core.fleet import planning
from ressort.core.fleet.kept import epoch, instant
from ressort.core.fleet.planning import Board
from ressort.core.journal import receipts, record
from ressort.engines import ENGINE_VERSION
from ressort.engines.dispatch import insertion, squeeze
from ressort.engines.dispatch.insertion import Answer, Offer
from ressort.engines.dispatch.problem import UNREACHABLE, Request
from ressort.engines.dispatch.squeeze import Effort
from ressort.services.transport import access, closed, pausing, words
from ressort.services.transport.access import Access
from ressort.services.transport.models import Booking, Demand, Offering
from ressort.services.transport.wishes import Wish, check
from ressort.units import Window

OFFER_LIFE = timedelta(minutes=10)
"""Wall time during which an offer may be accepted, if the plan still allows it."""
LIMIT = 3
SLICES = 3
EFFORT = Effort()
"""How hard room is sought among those already promised a place, where nothing fits."""
WAIT_WEIGHT = 0.5
"""Seconds of road that a second of waiting is worth, when offers are ranked."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same trip by one pair of stops."""

    request: Request
    up: Access
    off: Access
    direct_s: int
    direct_m: int


@dataclass(frozen=True, slots=True)
class Question:
    """All that the engine is asked, and the offering it falls under."""

    wish: Wish
    offering: Offering
    board: Board
    alternatives: list[Alternative]

    @property
    def requests(self) -> list[Request]:
        """The alternatives, each cut into slices of its pick-up window.

        The engine minimises the road; a slice's penalty is what the rider's wait is worth, so that an early pick-up
        is preferred to one that saves a little less than the wait costs, and offers differ in time.
        """
        if self.wish.arrive_by:
            return self.whole
        return [piece for alternative in self.alternatives for piece in sliced(alternative.request)]

    @property
    def whole(self) -> list[Request]:
        """The alternatives with their whole windows: where others are asked to move, any moment will do."""
        return [alternative.request for alternative in self.alternatives]

    def asked(self, offer: Offer) -> tuple[Alternative, Request]:
        """Return the alternative an offer comes from, and the request whose windows bound its promise."""
        number, __, piece = offer.request.id.removeprefix("?").partition(".")
        alternative = self.alternatives[int(number)]
        return alternative, alternative.request if piece else offer.request


def actor_of(user: Any) -> str:
    """Return the pseudonymous id of who asks."""
    return str(getattr(user, "pid", "") or "public")


def ask(
    user: Any,
    wish: Wish,
    *,
    origin: str = Demand.Origin.PORTAL,
    replaces: Booking | None = None,
    key: str | None = None,
) -> Demand:
    """Ask for a trip; the same ``key`` gives the same demand, never a second one.

    Returns
    -------
    Demand
        Answered: its ``offers``, or its ``reason``, ``sentence`` and the ``nearest`` times that would work.

    Raises
    ------
    Refused
        If what was typed cannot be a trip of this service at all (a refusal by the plan is a Demand, not an error).
    """
    authorise(user, "transport.trip.book_for" if origin in Demand.FOR_SOMEBODY else "transport.trip.ask")
    if key and (known := Demand.objects.filter(key=key).first()):
        return known
    question = prepare(user, wish)
    started = time.perf_counter()
    now = question.board.now
    answer = squeeze.answer(
        question.board.problem,
        question.board.plan,
        question.requests,
        now,
        LIMIT,
        whole=question.whole,
        effort=EFFORT,
    )
    nearest = () if answer.offers else _nearest(question)
    spent = (time.perf_counter() - started) * 1000
    demand = Demand(
        offering=question.offering,
        at=instant(now),
        expires=wall_now() + OFFER_LIFE,
        actor=actor_of(user),
        origin=origin,
        wish=wish.without_places(),
        answer=Demand.Answer.OFFERED if answer.offers else Demand.Answer.REFUSED,
        offers=[offer_json(question, offer) for offer in answer.offers],
        nearest=[offer_json(question, offer) for offer in nearest],
        milliseconds=round(spent, 3),
        replaces=replaces,
        key=key,
    )
    return _keep(demand, question, answer)


def prepare(user: Any, wish: Wish) -> Question:
    """Check a wish, find its stops and windows, and read the tours it may join."""
    now = service_now()
    offering = access.in_force(wish.at)
    _check_rider(user, offering)
    check(wish, offering)
    access.check_open(offering, wish.at)
    alternatives = _alternatives(
        wish, offering, planning.ground(at=wish.at), epoch(now) + offering.book_minutes * 60
    )
    span = (
        instant(min(a.request.pickup_window.earliest for a in alternatives) - 3600),
        instant(max(a.request.dropoff_window.latest for a in alternatives) + 3600),
    )
    vehicles = list(offering.vehicles.filter(active=True).values_list("pk", flat=True))
    board = planning.read(now, span=span, vehicles=vehicles, at=wish.at)
    return Question(wish, offering, board, alternatives)


def _check_rider(user: Any, offering: Offering) -> None:
    who = Offering.Riders
    if offering.riders == who.REGISTERED and not user.is_authenticated:
        raise Refused(
            "sign-in-first", _("Ce service est réservé aux personnes inscrites : connectez-vous."), status=403
        )
    if offering.riders == who.ORGANISATION and not (
        user.is_authenticated and user.memberships.filter(organisation=offering.organisation_id).exists()
    ):
        raise Refused(
            "members-only",
            _("Ce service est réservé aux membres de %(organisation)s.")
            % {"organisation": offering.organisation},
            status=403,
        )


def _alternatives(wish: Wish, offering: Offering, ground: planning.Ground, soonest: int) -> list[Alternative]:
    near = access.around((wish.origin, wish.destination), offering.walk_m)
    every = [stop for stop in offering.places.filter(near, active=True) if stop.pk in ground.index]
    shut = closed.of(offering.pauses, every, wish.at)
    stops = [stop for stop in every if stop.pk not in shut]
    ups = access.accesses(wish.origin, stops, offering.walk_m, outward=True)
    offs = access.accesses(wish.destination, stops, offering.walk_m, outward=False)
    for found, field, spot, which in (
        (ups, "origin", wish.origin, _("de départ")),
        (offs, "destination", wish.destination, _("d'arrivée")),
    ):
        if not found:
            out = field == "origin"
            if usual := shut and access.accesses(spot, every, offering.walk_m, outward=out):
                raise Refused("paused", pausing.sentence(shut[usual[0].place]), field=field)
            raise Refused(
                "no-stop-near",
                _("Aucun arrêt du service à moins de %(walk_m)s m du lieu %(which)s.")
                % {"walk_m": offering.walk_m, "which": which},
                field=field,
            )
    made = [
        _alternative(wish, offering, ground, up, off, soonest)
        for up in ups
        for off in offs
        if up.place != off.place
    ]
    if not made:
        raise Refused(
            "same-stop",
            _("Le départ et l'arrivée sont au même arrêt : ce trajet se fait à pied."),
            field="destination",
        )
    possible = [alternative for alternative in made if alternative is not None]
    if not possible:
        raise Refused(
            "too-late",
            _(
                "Il faut réserver au moins %(book_minutes)s min avant la montée : choisissez une heure plus tard."
            )
            % {"book_minutes": offering.book_minutes},
            field="at",
        )
    return [replace(a, request=replace(a.request, id=f"?{i}")) for i, a in enumerate(possible)]


def _alternative(
    wish: Wish, offering: Offering, ground: planning.Ground, up: Access, off: Access, soonest: int
) -> Alternative | None:
    """Return one pair of stops with its windows, or None if its pick-up would be before ``soonest``."""
    i, j = ground.index[up.place], ground.index[off.place]
    direct, metres = int(ground.matrix.seconds[i, j]), int(ground.matrix.metres[i, j])
    ride = offering.ride_max(direct) if direct < UNREACHABLE else 0
    board_s = offering.pickup_s + wish.wheelchairs * offering.wheelchair_s
    leave_s = offering.dropoff_s + wish.wheelchairs * offering.wheelchair_s
    if wish.arrive_by:
        latest = epoch(wish.at) - off.seconds - leave_s
        dropoff = (latest - offering.wait_s, latest)
        pickup = (dropoff[0] - board_s - ride, latest - board_s - min(direct, ride))
    else:
        first = epoch(wish.at) + up.seconds
        pickup = (first, first + offering.wait_s)
        dropoff = (first + board_s, pickup[1] + board_s + ride)
    pickup = (max(pickup[0], soonest), pickup[1])
    if pickup[1] < pickup[0]:
        return None
    dropoff = (max(dropoff[0], pickup[0]), dropoff[1])
    if dropoff[1] < dropoff[0]:
        return None
    request = Request(
        "?",
        i,
        j,
        Window(*pickup),
        Window(*dropoff),
        wish.load,
        ride,
        board_s,
        leave_s,
        0,
        up.seconds + off.seconds,
    )
    return Alternative(request, up, off, direct, metres)


def sliced(request: Request) -> list[Request]:
    """Return a request as :data:`SLICES` requests, each with a part of its pick-up window and its own penalty."""
    window = request.pickup_window
    cuts = [window.earliest + window.width * k // SLICES for k in range(SLICES)] + [window.latest]
    return [
        replace(
            request,
            id=f"{request.id}.{k}",
            pickup_window=Window(cuts[k], cuts[k + 1]),
            penalty=request.penalty + int(WAIT_WEIGHT * (cuts[k] - window.earliest)),
        )
        for k in range(SLICES)
    ]


def _nearest(question: Question) -> tuple[Offer, ...]:
    """Return what would work at the nearest earlier and later times, inside the booking delay and the hours."""
    board, offering = question.board, question.offering
    soonest = board.now + offering.book_minutes * 60
    requests = [alternative.request for alternative in question.alternatives]
    found = insertion.nearest(board.problem, board.plan, requests, soonest)
    return tuple(offer for offer in found if access.is_open(offering, instant(offer.pickup_at)))


def _keep(demand: Demand, question: Question, answer: Answer) -> Demand:
    """Write the demand with its receipt and event: one transaction."""
    board = question.board
    inputs = squeeze.record(
        board.problem, board.plan, question.requests, board.now, LIMIT, whole=question.whole, effort=EFFORT
    )
    inputs["file"] = board.ground.file
    if answer.refusal:
        demand.reason, demand.sentence = answer.refusal.reason.value, words.refusal(answer.refusal)
        said = words.receipt_of_refusal(answer.refusal)
        kind = "transport.demand.refused"
        payload: dict[str, Any] = {"reason": demand.reason}
    else:
        said = words.receipt_of_offers(len(answer.offers), squeezed=answer.offers[0].squeezed)
        kind = "transport.demand.offered"
        payload = {"offers": len(answer.offers)}
    with transaction.atomic():
        receipt = receipts.keep(
            "transport.offer",
            engine="dispatch.insertion",
            inputs=inputs,
            answer=answer_json(answer),
            words=said,
            subject=demand.pid,
        )
        demand.receipt = receipt.number
        demand.save(force_insert=True)
        payload |= {"receipt": receipt.number, "origin": demand.origin, "ms": round(demand.milliseconds, 2)}
        record(kind, actor=demand.actor, subject=demand.pid, payload=payload)
    return demand


def offer_json(question: Question, offer: Offer) -> dict[str, Any]:
    """Return an offer as kept with its demand and shown to people; times in engine seconds."""
    alternative, asked = question.asked(offer)
    promised = promise_windows(question.offering, offer, asked)
    return {
        "tour": int(offer.vehicle),
        "pickup": alternative.up.place,
        "pickup_name": alternative.up.name,
        "pickup_point": [alternative.up.lon, alternative.up.lat],
        "dropoff": alternative.off.place,
        "dropoff_name": alternative.off.name,
        "dropoff_point": [alternative.off.lon, alternative.off.lat],
        "walk_from_s": alternative.up.seconds,
        "walk_from_m": alternative.up.metres,
        "walk_to_s": alternative.off.seconds,
        "walk_to_m": alternative.off.metres,
        "pickup_at": offer.pickup_at,
        "dropoff_at": offer.dropoff_at,
        "arrival_at": offer.dropoff_at + offer.request.dropoff_service + alternative.off.seconds,
        "pickup_from": promised.pickup_window.earliest,
        "pickup_until": promised.pickup_window.latest,
        "dropoff_from": promised.dropoff_window.earliest,
        "dropoff_until": promised.dropoff_window.latest,
        "ride_s": offer.ride,
        "ride_max": offer.request.max_ride,
        "direct_s": alternative.direct_s,
        "direct_m": alternative.direct_m,
        "extra_s": offer.extra_seconds,
        "squeezed": offer.squeezed,
        "price_cents": question.offering.price_cents * question.wish.passengers,
        "request": offer.request.to_json(),
    }


def promise_windows(offering: Offering, offer: Offer, asked: Request) -> Request:
    """Return what is promised: a window around the planned pick-up, and a latest arrival.

    The window opens a third before the planned time, on a whole minute if it can, so that the plan may still move a
    little both ways; it never leaves what was asked for.
    """
    first = max(asked.pickup_window.earliest, offer.pickup_at - offering.promise_s // 3)
    first = max(asked.pickup_window.earliest, first - first % 60)
    last = min(asked.pickup_window.latest, first + offering.promise_s)
    latest = min(asked.dropoff_window.latest, last + asked.pickup_service + asked.max_ride)
    earliest = min(asked.dropoff_window.earliest, offer.dropoff_at)
    return replace(
        asked,
        pickup_window=Window(first, max(last, offer.pickup_at)),
        dropoff_window=Window(earliest, max(latest, offer.dropoff_at)),
        penalty=0,
    )


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return the engine's answer in the form that a replay must find again."""
    return {
        "offers": [
            [
                offer.request.id,
                offer.vehicle,
                offer.pickup_at,
                offer.dropoff_at,
                offer.extra_seconds,
                offer.cost,
                *(["squeezed"] if offer.squeezed else []),
            ]
            for offer in answer.offers
        ],
        "refusal": [answer.refusal.reason.value, answer.refusal.amount] if answer.refusal else None,
    }


@receipts.replayer("transport.offer", lambda: ENGINE_VERSION)
def replay_offer(inputs: dict[str, Any], seed: int) -> dict[str, Any]:
    """Answer again from what a receipt kept; the seed of the search is among it."""
    del seed
    return answer_json(squeeze.replay(inputs, planning.matrix_of(inputs["file"])))
