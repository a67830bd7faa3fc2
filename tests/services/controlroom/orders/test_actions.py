"""What is done with work orders: rights, versions, what follows, who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core import clock
from ressort.core.accounts.models import Organisation
from ressort.core.errors import Forbidden, Refused
from ressort.core.journal.models import Event
from ressort.core.notify.models import Message
from ressort.core.retention import work as retention
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.incidents.actions import closing, opening
from ressort.services.controlroom.incidents.models import Incident, Line
from ressort.services.controlroom.orders import exporting, queries
from ressort.services.controlroom.orders.actions import crews, doing, ordering
from ressort.services.controlroom.orders.models import WorkOrder, WorkPhoto, WorkStep
from ressort.services.controlroom.reports import photos
from ressort.services.controlroom.reports.models import Report, ReportCategory
from tests import worlds
from tests.services.controlroom.incidents.conftest import later
from tests.services.controlroom.orders.conftest import events, person, react
from tests.services.controlroom.reports.conftest import make as reported
from tests.services.controlroom.reports.conftest import picture

pytestmark = pytest.mark.django_db


def test_an_order_lives_from_paper_to_closed_with_one_event_each(town, ordered):
    number = ordered().number
    assert number == "BI-2026-0001"
    doing.accept(town.vera, number)
    doing.leave(town.vera, number)
    doing.arrive(town.vera, number)
    later(minutes=25)
    done = doing.finish(town.vera, number, "Rebouché à froid.").order
    assert (done.state, done.minutes, done.result) == ("done", 25, "done")
    closed = ordering.check(town.oscar, number, "Vu.")
    assert (closed.state, closed.version) == ("closed", 7)
    names = ["drafted", "assigned", "accepted", "left", "arrived", "done", "checked"]
    assert events() == [f"controlroom.work.{name}" for name in names]
    assert [one.version for one in closed.steps.all()] == [1, 2, 3, 4, 5, 6, 7]


def test_only_the_crew_and_who_orders_may_act(town, ordered):
    number = ordered().number
    with pytest.raises(Forbidden):
        doing.accept(town.lucie, number)
    with pytest.raises(Forbidden):
        ordering.cancel(town.vera, number)
    with pytest.raises(Forbidden):
        ordering.draft(town.vera, ordering.Draft("Rien", "road", "low"))
    stranger = person("Sam", Organisation.objects.create(name="Voisins"))
    for deed in (lambda: ordering.cancel(stranger, number), lambda: doing.accept(stranger, number)):
        with pytest.raises(Forbidden):
            deed()
    assert doing.accept(town.oscar, number).order.state == "accepted"  # noted for a crew that telephones


def test_an_organisation_sends_whom_it_wants(town, ordered):
    water = Organisation.objects.create(pid="o_eau", name="Régie des eaux")
    sam = person("Sam", water)
    number = ordered(to="o_eau").number
    assert [one.order.number for one in queries.today(sam).later] == [number]
    assert doing.accept(sam, number).order.state == "accepted"
    assert queries.visible(sam).get().number == number


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"trade": "ufo"}, "trade"),
        ({"priority": "ufo"}, "priority"),
        ({"lon": 999.0, "lat": 1.0}, "where"),
        ({"instructions": "a\x00b"}, "instructions"),
        ({"source": "ufo:1"}, "source"),
        ({"source": "alarm:999"}, "source"),
    ],
)
def test_what_is_typed_is_checked(town, given, field):
    with pytest.raises(Refused) as refused:
        ordering.draft(
            town.oscar, ordering.Draft(**{"title": "A", "trade": "road", "priority": "low", **given})
        )
    assert refused.value.field == field
    assert not WorkOrder.objects.exists()


def test_a_key_makes_one_order_and_one_deed(town):
    wanted = ordering.Draft("Balayer", "clean", "low")
    one = ordering.draft(town.oscar, wanted, key="k1")
    assert ordering.draft(town.oscar, wanted, key="k1") == one
    ordering.assign(town.oscar, one.number, town.road.pid)
    doing.accept(town.vera, one.number, key="k2")
    doing.accept(town.vera, one.number, key="k2")
    assert events().count("controlroom.work.accepted") == 1


def test_a_change_made_meanwhile_refuses_another_and_is_told_to_the_crew(town, ordered):
    made = ordered()
    ordering.change(town.oscar, made.number, made.version, instructions="Passer par la cour.")
    with pytest.raises(Refused) as refused:
        ordering.change(town.oscar, made.number, made.version, title="Autre")
    assert refused.value.code == "work-changed"
    outcome = doing.accept(town.vera, made.number, version=made.version)
    assert [step.deed for step in outcome.meanwhile] == ["change"]
    assert outcome.order.state == "accepted"
    assert doing.leave(town.vera, made.number, version=outcome.order.version).meanwhile == []


@pytest.mark.parametrize("how", ["cancelled", "given to others"])
def test_what_a_crew_wrote_is_kept_when_the_order_is_no_longer_theirs(town, ordered, how):
    made = ordered()
    doing.arrive(town.vera, made.number)
    if how == "cancelled":
        ordering.cancel(town.oscar, made.number, "Doublon")
    else:
        ordering.assign(town.oscar, made.number, town.light.pid)
    before = WorkOrder.objects.get().state
    outcome = doing.finish(town.vera, made.number, "Rebouché quand même.", version=3)
    assert outcome.late
    assert WorkOrder.objects.get().state == before
    note = WorkStep.objects.get(deed="note")
    assert (note.text, note.by) == ("Rebouché quand même.", town.vera)
    assert events()[-1] == "controlroom.work.noted"
    react()
    assert Message.objects.filter(recipient="p_oscar", title__contains="Mot tardif").exists()


def test_a_thumb_that_slipped_goes_back_one_step(town, ordered):
    number = ordered().number
    doing.accept(town.vera, number)
    doing.leave(town.vera, number)
    assert doing.take_back(town.vera, number).order.state == "accepted"
    doing.finish(town.vera, number, "Fait.")
    found = doing.take_back(town.vera, number).order
    assert (found.state, found.finished, found.result) == ("on_site", None, "")


def test_declined_it_is_given_to_another_and_both_are_told(town, ordered):
    number = ordered(priority="high").number
    doing.decline(town.vera, number, "Nacelle en panne")
    react()
    told = {one.recipient: one.title for one in Message.objects.all()}
    assert "à faire" in told["p_vera"]
    assert "refusée" in told["p_oscar"]
    ordering.assign(town.oscar, number, town.light.pid)
    react()
    assert {one.recipient for one in Message.objects.all()} == {"p_vera", "p_oscar", "p_lucie"}
    assert "n'est plus à vous" in Message.objects.filter(recipient="p_vera").last().body.replace(
        "\u2019", "'"
    )


def test_the_incident_reads_what_the_crew_does(town, ordered):
    incident = opening.open_incident(town.oscar, opening.Draft("Arbre tombé", "road", "high"))
    number = ordered(source=f"incident:{incident.number}").number
    doing.arrive(town.vera, number)
    later(minutes=10)
    doing.finish(town.vera, number, "Arbre débité.")
    react()
    said = list(Line.objects.values_list("text", flat=True))
    assert said == [
        f"Intervention {number} confiée à Voirie nord.",
        f"Intervention {number} : Voirie nord est sur place.",
        f"Intervention {number} faite par Voirie nord : Arbre débité. (10 min)",
    ]
    event = Event.objects.filter(kind="controlroom.incident.logged").last()
    assert event.cause == str(Event.objects.get(kind="controlroom.work.done").id)
    assert event.actor == "p_vera"


def test_the_report_follows_and_comes_back_with_the_work(town, ordered):
    ReportCategory.objects.create(code="nid-de-poule", name="Trou", organisation=town.ours)
    pid = reported().report.pid
    number = ordered(source=f"report:{pid}").number
    react()
    assert Report.objects.get().state == "planned"
    doing.finish(town.vera, number, "Rebouché.")
    react()
    assert Report.objects.get().state == "done"
    ordering.give_back(town.oscar, number, "Encore un creux")
    react()
    assert Report.objects.get().state in {"taken", "planned"}


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_a_report_is_planned_no_longer_when_nobody_comes(town, ordered, how):
    ReportCategory.objects.create(code="nid-de-poule", name="Trou", organisation=town.ours)
    pid = reported().report.pid
    numbers = [ordered(source=f"report:{pid}").number for _ in range(2)]
    react()
    for left, number in zip((1, 0), numbers, strict=True):
        if how == "cancelled":
            ordering.cancel(town.oscar, number, "Doublon")
        else:
            doing.arrive(town.vera, number)
            doing.fail(town.vera, number, "Rue fermée")
        react()
        assert Report.objects.get().state == ("planned" if left else "taken")
    assert Report.objects.get().planned_for is None
    assert Report.objects.get().steps.last().deed == "unplanned"


def test_a_report_of_another_organisation_gives_no_order(town):
    water = Organisation.objects.create(name="Régie des eaux")
    ReportCategory.objects.create(code="nid-de-poule", name="Trou", organisation=water)
    with pytest.raises(Forbidden):
        ordering.draft(
            town.oscar, ordering.Draft("A", "road", "low", source=f"report:{reported().report.pid}")
        )


def test_the_equipment_is_under_repair_while_the_crew_is_there(town, ordered):
    lon, lat = worlds.at(1, 1)
    asset = Asset.objects.create(
        code="L-1", kind="street_light", name="Lampadaire 1", lon=lon, lat=lat, organisation=town.ours
    )
    made = ordered(source=f"asset:{asset.pid}", trade="light")
    assert (made.asset, made.lon) == (asset, round(lon, 6))
    states = []
    for deed in (
        lambda: doing.arrive(town.vera, made.number),
        lambda: doing.finish(town.vera, made.number, "Ampoule changée."),
        lambda: doing.take_back(town.vera, made.number),
    ):
        deed()
        event = Event.objects.filter(kind__startswith="controlroom.work.").last()
        from ressort.services.controlroom.orders.actions.following import react as follow

        follow(event)
        states.append(Asset.objects.get().upkeep)
    assert states == ["maintenance", "in_service", "maintenance"]


def test_pictures_are_drawn_again_bounded_and_erased_with_the_order(town, ordered, tmp_path):
    number = ordered().number
    made = doing.picture(town.vera, number, picture((2000, 1500)), key="p1")
    assert doing.picture(town.vera, number, picture(), key="p1") == made
    assert made.width == 1600
    assert photos.tidy() == 0
    with pytest.raises(Refused):
        doing.picture(town.vera, number, b"not a picture")
    for _n in range(doing.PHOTOS - 1):
        doing.picture(town.vera, number, picture((40, 30)))
    with pytest.raises(Refused) as refused:
        doing.picture(town.vera, number, picture((40, 30)))
    assert refused.value.code == "too-many-photos"
    doing.unpicture(town.vera, number, made.pk)
    assert WorkPhoto.objects.get(pk=made.pk).removed


def test_a_paper_is_typed_once(town, ordered):
    made = ordered()
    now = clock.service_now()
    told = doing.Sheet(
        made.version, "done", "Fait à la main.", now - timedelta(hours=2), now - timedelta(hours=1)
    )
    later(minutes=1)
    found = doing.type_back(town.oscar, made.number, told)
    assert (found.state, found.minutes, found.finished) == ("done", 60, now - timedelta(hours=1))
    with pytest.raises(Refused) as refused:
        doing.type_back(town.vera, made.number, told)
    assert refused.value.code == "sheet-known"
    assert "Oscar" in refused.value.sentence
    assert events().count("controlroom.work.typed") == 1


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        (lambda now: doing.Sheet(99, "done", "x"), "no-sheet"),
        (lambda now: doing.Sheet(1, "ufo", "x"), "no-result"),
        (lambda now: doing.Sheet(1, "done", " "), "missing"),
        (lambda now: doing.Sheet(1, "done", "x", None, now + timedelta(hours=3)), "bad-hours"),
        (lambda now: doing.Sheet(1, "done", "x", now, now - timedelta(hours=3)), "bad-hours"),
        (lambda now: doing.Sheet(1, "done", "x", None, None, 99999), "bad-minutes"),
    ],
)
def test_a_paper_is_read_with_care(town, ordered, sheet, code):
    number = ordered().number
    with pytest.raises(Refused) as refused:
        doing.type_back(town.vera, number, sheet(clock.service_now()))
    assert refused.value.code == code


def test_a_crew_is_named_once_and_not_put_aside_while_it_works(town, ordered):
    with pytest.raises(Refused):
        crews.make(town.oscar, "voirie NORD", "road")
    ordered()
    with pytest.raises(Refused) as refused:
        crews.change(town.oscar, town.road.pid, "Voirie nord", "road", active=False)
    assert refused.value.code == "crew-busy"
    assert crews.part(town.oscar, town.road.pid, "p_vera") == town.vera
    assert queries.crews_of(town.vera) == []


def test_the_day_shows_what_presses_first(town, ordered):
    calm, soon, tomorrow = (
        ordered(title="Calme", priority="low", due=clock.service_now() + timedelta(hours=5)),
        ordered(title="Presse", priority="high"),
        ordered(title="Demain"),
    )
    found = queries.today(town.vera)
    assert [one.order for one in found.waiting] == [soon, calm]
    assert [one.order for one in found.later] == [tomorrow]
    doing.arrive(town.vera, calm.number)
    assert queries.today(town.vera).first.order == calm
    doing.finish(town.vera, calm.number, "Fait.")
    assert [one.order for one in queries.today(town.vera).over] == [calm]


def test_after_three_years_only_what_counts_is_left(town, ordered):
    number = ordered(instructions="Demander Madame Martin").number
    doing.picture(town.vera, number, picture((40, 30)))
    doing.finish(town.vera, number, "Fait chez Madame Martin.")
    ordering.check(town.oscar, number)
    incident = opening.open_incident(town.oscar, opening.Draft("Arbre chez Madame Martin", "road", "low"))
    closing.close(town.oscar, incident.number, "solved", "Débité.")
    assert exporting.export("p_vera")["controlroom.WorkStep"]
    later(days=3 * 365 + 1)
    retention.apply()
    found = WorkOrder.objects.get()
    assert (found.title, found.did, found.created_by, found.state) == ("", "", None, "closed")
    assert not WorkStep.objects.exists()
    assert not WorkPhoto.objects.exists()
    assert Incident.objects.get().title == ""
