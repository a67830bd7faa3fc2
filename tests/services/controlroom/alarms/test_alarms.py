"""Alarms from the observation to the person who takes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from ressort.core import clock
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.errors import Forbidden, Refused
from ressort.core.intake import catalogue, watching
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Device
from ressort.core.intake.observing import observe
from ressort.core.journal.models import Event
from ressort.services.controlroom.alarms import acting, queries, working
from ressort.services.controlroom.alarms.models import Alarm, Rule

pytestmark = pytest.mark.django_db
AIR = (Spec("no2", unit="µg/m³", low=0, high=1000),)
WRITTEN = {"name": "Air pollué", "devices": "air-*", "lines": "no2 > 200 fin 180", "severity": 2}


@pytest.fixture(autouse=True)
def _forget():
    working.forget()
    yield
    working.forget()


@pytest.fixture
def oscar():
    user = User.objects.create_user("oscar@exemple.fr", name="Oscar Vidal")
    Membership.objects.create(
        user=user, organisation=Organisation.objects.create(name="Dijon"), role="operator"
    )
    return user


@pytest.fixture
def now(still_clock):
    """Move the clock: ``now(minutes)`` after the beginning."""
    catalogue.enrol({f"air-{n}": AIR for n in range(1, 6)})
    watching.deliver("controlroom.alarms", working.observed)  # reads from now on

    def move(minutes):
        at = still_clock + timedelta(minutes=minutes)
        clock.simulate(at, rate=0)
        return at

    move(0)
    return move


def say(value, at, device="air-1"):
    observe([{"device": device, "property": "no2", "value": value, "at": at}])
    return watching.deliver("controlroom.alarms", working.observed)


def write(oscar, django_capture_on_commit_callbacks, **more):
    with django_capture_on_commit_callbacks(execute=True):
        return acting.write_rule(oscar, {**WRITTEN, **more})


def kinds():
    found = Event.objects.filter(kind__startswith="controlroom.alarm").order_by("seq")
    return [kind.removeprefix("controlroom.alarm.") for kind in found.values_list("kind", flat=True)]


def test_a_threshold_passed_is_an_alarm_until_it_is_well_over(oscar, now, django_capture_on_commit_callbacks):
    write(oscar, django_capture_on_commit_callbacks)
    say(150, now(0))
    assert not Alarm.objects.exists()
    say(250, now(1))
    alarm = Alarm.objects.get()
    assert (alarm.state, alarm.ended, alarm.device.code) == ("open", None, "air-1")
    say(190, now(2))
    alarm.refresh_from_db()
    assert alarm.ended is None
    say(170, now(3))
    alarm.refresh_from_db()
    assert alarm.state == "over"
    assert kinds() == ["raised", "ended"]


def test_a_restart_forgets_no_alarm_and_raises_none_twice(oscar, now, django_capture_on_commit_callbacks):
    write(oscar, django_capture_on_commit_callbacks)
    say(250, now(0))
    working.forget()  # another process, later
    working.tick()
    assert Alarm.objects.count() == 1
    working.forget()
    say(100, now(1))
    assert Alarm.objects.get().state == "over"
    assert kinds() == ["raised", "ended"]


def test_silence_is_heard_and_nobody_answering_is_told(
    client, oscar, now, django_capture_on_commit_callbacks
):
    write(oscar, django_capture_on_commit_callbacks, lines="no2 silencieux depuis 10 min", devices="air-1")
    say(10, now(0))
    now(9)
    working.tick()
    assert not Alarm.objects.exists()
    now(11)
    working.tick()
    alarm = Alarm.objects.get()
    assert alarm.escalated is None
    now(30)
    working.tick()
    alarm.refresh_from_db()
    assert alarm.escalated is not None
    assert kinds() == ["raised", "escalated"]
    assert [task.tone for task in queries.waiting(oscar)] == ["bad"]
    client.force_login(oscar)
    assert "Air pollué – air-1" in client.get(reverse("web:console")).content.decode()


def test_one_gateway_down_is_one_alarm(oscar, now, django_capture_on_commit_callbacks):
    catalogue.enrol({"box": ()})
    Device.objects.filter(code__startswith="air-").update(gateway=Device.objects.get(code="box"))
    write(oscar, django_capture_on_commit_callbacks, lines="no2 silencieux depuis 10 min")
    working.tick()
    now(11)
    working.tick()
    assert Alarm.objects.count() == 5
    (head,) = queries.opened()
    assert head.others == 4
    acting.take(oscar, head.pk)
    assert set(Alarm.objects.values_list("state", flat=True)) == {"taken"}
    assert kinds().count("taken") == 1


def test_an_alarm_is_taken_put_aside_and_given_back(oscar, now, django_capture_on_commit_callbacks):
    write(oscar, django_capture_on_commit_callbacks)
    say(250, now(0))
    alarm = Alarm.objects.get()
    acting.take(oscar, alarm.pk)
    with pytest.raises(Refused, match="déjà"):
        acting.take(oscar, alarm.pk)
    acting.give_back(oscar, alarm.pk)
    with pytest.raises(Refused, match="pourquoi"):
        acting.shelve(oscar, alarm.pk, 15, " x ")
    with pytest.raises(Refused, match="durées"):
        acting.shelve(oscar, alarm.pk, 16, "travaux")
    acting.shelve(oscar, alarm.pk, 15, "travaux rue Verte")
    now(16)
    working.tick()
    alarm.refresh_from_db()
    assert (alarm.state, alarm.why) == ("open", "")
    assert kinds() == ["raised", "taken", "returned", "shelved", "returned", "escalated"]
    with pytest.raises(Forbidden):
        acting.take(User.objects.create_user("rosa@exemple.fr"), alarm.pk)


def test_a_rule_on_trial_calls_nobody_and_a_stopped_one_ends_its_alarms(
    oscar, now, django_capture_on_commit_callbacks
):
    rule = write(oscar, django_capture_on_commit_callbacks, shadow=True)
    say(250, now(0))
    now(60)
    working.tick()
    assert Alarm.objects.get().escalated is None
    assert list(queries.waiting(oscar)) == []
    with django_capture_on_commit_callbacks(execute=True):
        acting.write_rule(oscar, {**WRITTEN, "active": False}, rule.pk)
    assert Alarm.objects.get().state == "over"


def test_rules_that_cannot_be_read_are_not_kept(oscar, now, django_capture_on_commit_callbacks):
    for wrong in ({"lines": "n'importe"}, {"spans": "toujours"}, {"rises": "1 h : 1"}):
        with pytest.raises(Refused, match="Ligne 1"):
            write(oscar, django_capture_on_commit_callbacks, **wrong)
    write(oscar, django_capture_on_commit_callbacks)
    with pytest.raises(Refused, match="déjà ce nom"):
        write(oscar, django_capture_on_commit_callbacks)
    assert Rule.objects.count() == 1


def test_pages_from_the_rule_to_the_alarm(client, oscar, now, django_capture_on_commit_callbacks):
    client.force_login(oscar)
    assert "Aucune règle" in client.get(reverse("controlroom:rules")).content.decode()
    assert "Rien ne sonne" in client.get(reverse("controlroom:alarms")).content.decode()
    at = now(0)
    say(250, at - timedelta(hours=1))
    form = {
        "name": "Air",
        "devices": "air-*",
        "lines": "no2 > 200",
        "every": "1",
        "severity": "3",
        "active": "on",
    }
    tried = client.post(reverse("controlroom:rule_new"), {**form, "essayer": "1"})
    assert "1 alarme" in tried.content.decode()
    assert not Rule.objects.exists()
    bad = client.post(reverse("controlroom:rule_new"), {**form, "lines": "no2 200", "lasts": "bientôt"})
    assert bad.status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("controlroom:rule_new"), form).status_code == 302
    say(260, at)
    alarm = Alarm.objects.get()
    page = client.get(reverse("controlroom:alarms")).content.decode()
    assert "Air" in page
    assert "Majeure" in page
    shown = client.get(reverse("controlroom:alarm", args=[alarm.pk])).content.decode()
    assert f"source=alarm%3A{alarm.pk}" in shown
    opening = client.get(f"{reverse('controlroom:incident_new')}?source=alarm:{alarm.pk}&titre=Air – air-1")
    assert 'value="Air – air-1"' in opening.content.decode()
    act = lambda deed, **data: client.post(reverse("controlroom:alarm_act", args=[alarm.pk, deed]), data)  # noqa: E731
    assert act("prendre").status_code == 302
    assert act("ecarter", minutes="15").status_code == 422
    assert act("ecarter", minutes="15", why="travaux").status_code == 302
    assert act("rendre").status_code == 302
    assert act("danser").status_code == 404
    assert client.get(reverse("controlroom:rule", args=[alarm.rule_id])).status_code == 200
    assert "Air" in client.get(reverse("controlroom:rules")).content.decode()


@pytest.mark.parametrize("name", ["alarms", "rules"])
def test_pages_ask_no_more_of_the_database_with_many_alarms(
    name, client, oscar, now, django_capture_on_commit_callbacks, django_assert_max_num_queries
):
    client.force_login(oscar)
    write(oscar, django_capture_on_commit_callbacks)
    for device in range(1, 6):
        say(250, now(0), f"air-{device}")
    assert Alarm.objects.count() == 5
    client.get(reverse(f"controlroom:{name}"))
    with django_assert_max_num_queries(14):
        client.get(reverse(f"controlroom:{name}"))
