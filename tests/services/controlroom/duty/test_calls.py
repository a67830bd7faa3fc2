"""Calls: the first rank, then the next, until somebody sees to it; by link, by voice, by itself; after a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ressort.core import clock
from ressort.core.clock import service_now
from ressort.core.errors import Forbidden, Refused, Unknown
from ressort.core.intake.models import Device
from ressort.core.journal import record
from ressort.core.journal.models import Event
from ressort.core.notify.models import Message
from ressort.services.controlroom.alarms.models import Alarm, Rule, Severity
from ressort.services.controlroom.duty import glance
from ressort.services.controlroom.duty.actions import answering, calling, erasing, lines, planning
from ressort.services.controlroom.duty.cascade_models import Cascade, CascadeStep
from ressort.services.controlroom.incidents import queries as incidents
from ressort.services.controlroom.incidents.actions import closing, handling, situations
from tests import worlds
from tests.services.controlroom.duty.conftest import here, kinds
from tests.services.controlroom.incidents.conftest import later

pytestmark = pytest.mark.django_db


def states(cascade):
    rows = cascade.steps.order_by("pk").values_list("rank", "contact__name", "state")
    return [(rank, name.split()[0], state) for rank, name, state in rows]


def test_the_first_rank_is_told_by_what_they_prefer_and_says_yes(manned, oscar, opened):
    before = here()
    call = calling.start(oscar, manned.pid, incident=opened().number, why="Camion-grue, vite")
    assert states(call) == [(1, "Paul", "waiting")]
    (message,) = Message.objects.all()
    assert (message.channel, message.address) == ("sms", "+33612345678")
    step = call.steps.get()
    assert f"/s/{step.code}" in message.body
    assert "Arbre tombé" in message.body
    answering.answer(None, step.code.lower().replace("-", " "), yes=True, note="20 min")
    call.refresh_from_db()
    assert (call.state, call.due) == ("answered", None)
    assert kinds(before) == ["incident.opened", "cascade.started", "cascade.answered"]
    message.refresh_from_db()
    assert message.state == "cancelled"  # it had not left yet: no longer needed


def test_without_an_answer_the_next_rank_is_called_then_nobody(manned, oscar, opened):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    before = here()
    later(minutes=9, seconds=59)
    assert calling.ring() == 0
    later(seconds=1)
    assert calling.ring() == 1
    assert states(call) == [(1, "Paul", "silent"), (2, "Rita", "waiting")]
    assert calling.ring() == 0
    later(minutes=30)  # everything was switched off meanwhile
    assert calling.ring() == 1
    call.refresh_from_db()
    assert (call.state, states(call)) == ("exhausted", [(1, "Paul", "silent"), (2, "Rita", "silent")])
    assert kinds(before) == ["cascade.moved", "cascade.exhausted"]
    told = Message.objects.filter(kind="controlroom.duty_exhausted").values_list("address", flat=True)
    assert {"cecile@valmont.test", oscar.email} <= set(told)


def test_a_no_calls_the_next_at_once_and_a_late_yes_still_counts(manned, oscar, opened):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    paul = call.steps.get()
    before = here()
    answering.answer(None, paul.code, yes=False, note="malade")
    assert kinds(before) == ["cascade.declined", "cascade.moved"]
    assert states(call) == [(1, "Paul", "no"), (2, "Rita", "waiting")]
    later(minutes=10)
    calling.ring()
    rita = call.steps.get(rank=2)
    answering.answer(None, rita.code, yes=True)
    call.refresh_from_db()
    assert (call.state, states(call)[1]) == ("answered", (2, "Rita", "yes"))
    with pytest.raises(Refused, match="s'en charge déjà"):
        answering.answer(None, paul.code, yes=True)
    with pytest.raises(Refused, match="déjà votre réponse"):
        answering.answer(None, rita.code, yes=True)


def test_who_said_yes_may_no_longer_and_the_next_is_called(manned, oscar, opened):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    code = call.steps.get().code
    answering.answer(None, code, yes=True)
    answering.answer(None, code, yes=False)
    call.refresh_from_db()
    assert (call.state, states(call)) == ("calling", [(1, "Paul", "no"), (2, "Rita", "waiting")])


def test_those_who_were_called_are_told_that_somebody_sees_to_it(manned, oscar, opened):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    later(minutes=11)
    calling.ring()
    answering.by_voice(oscar, call.pid, call.steps.get(rank=2).pk, yes=True)
    told = Message.objects.filter(kind="controlroom.duty_settled").values_list("address", flat=True)
    assert list(told) == ["+33612345678"]


def test_an_answer_by_voice_is_noted_by_name(manned, oscar, odile, opened, sam):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    step = call.steps.get()
    with pytest.raises(Forbidden):
        answering.by_voice(sam, call.pid, step.pk, yes=True)
    with pytest.raises(Unknown):
        answering.by_voice(odile, call.pid, step.pk + 1000, yes=True)
    answering.by_voice(odile, call.pid, step.pk, yes=True, note="part tout de suite")
    step.refresh_from_db()
    assert (step.state, step.noted_by, step.note) == ("yes", odile, "part tout de suite")
    assert Event.objects.get(kind="controlroom.cascade.answered").actor == odile.pid


def test_the_log_of_the_incident_tells_each_step_with_names_that_the_journal_does_not_hold(
    manned, oscar, opened
):
    incident = opened()
    call = calling.start(oscar, manned.pid, incident=incident.number)
    later(minutes=11)
    calling.ring()
    answering.by_voice(oscar, call.pid, call.steps.get(rank=2).pk, yes=True)
    told = [one.text for one in incidents.history(incident)]
    assert told[-3:] == [
        "Astreinte voirie appelée : Paul Petit (rang 1).",
        "Astreinte voirie, sans réponse : Rita Roy appelé à son tour (rang 2).",
        "Astreinte voirie : Rita Roy s'en charge (dit de vive voix).",
    ]
    every = " ".join(Event.objects.values_list("payload", flat=True))
    assert "Paul" not in every
    assert "0612345678" not in every


def test_nobody_on_duty_is_said_at_once_to_the_chief(roads, oscar):
    before = here()
    call = calling.start(oscar, roads.pid, why="Un câble pend")
    assert (call.state, states(call)) == ("exhausted", [])
    assert kinds(before) == ["cascade.started", "cascade.exhausted"]
    assert Message.objects.filter(address="cecile@valmont.test").exists()


def test_two_at_one_rank_are_both_called(manned, adele, rita, oscar):
    start, end = service_now() - timedelta(hours=1), service_now() + timedelta(hours=1)
    planning.plan(adele, manned.pid, 1, rita.pk, start, end)
    call = calling.start(oscar, manned.pid, why="Essai")
    assert states(call) == [(1, "Paul", "waiting"), (1, "Rita", "waiting")]
    answering.answer(None, call.steps.first().code, yes=False)
    assert states(call) == [(1, "Paul", "no"), (1, "Rita", "waiting")]  # the other is still waited for
    answering.answer(None, call.steps.last().code, yes=False)
    call.refresh_from_db()
    assert call.state == "exhausted"  # Rita, also at the second rank, has said no: she is not called again


def test_what_is_refused(manned, oscar, sam, opened):
    incident = opened()
    with pytest.raises(Refused, match="Pourquoi"):
        calling.start(oscar, manned.pid)
    with pytest.raises(Forbidden):
        calling.start(sam, manned.pid, why="Essai")
    with pytest.raises(Forbidden):
        calling.start(worlds.person("rosa"), manned.pid, why="Essai")
    call = calling.start(oscar, manned.pid, incident=incident.number)
    with pytest.raises(Refused, match="déjà en train"):
        calling.start(oscar, manned.pid, incident=incident.number)
    with pytest.raises(Refused, match="en train d'être appelée"):
        lines.close_line(worlds.person("adele"), manned.pid, closed=True)
    calling.stop(oscar, call.pid)
    with pytest.raises(Refused, match="a été arrêté"):
        answering.answer(None, call.steps.get().code, yes=True)
    with pytest.raises(Refused, match="déjà terminé"):
        calling.hurry(oscar, call.pid)
    with pytest.raises(Unknown):
        answering.answer(None, "ABC-DEF-GHJ", yes=True)


def test_a_closed_incident_calls_nobody_more(manned, oscar, opened):
    incident = opened()
    call = calling.start(oscar, manned.pid, incident=incident.number)
    handling.take(oscar, incident.number)
    closing.close(oscar, incident.number, "solved", "Fait")
    later(minutes=11)
    calling.ring()
    call.refresh_from_db()
    assert (call.state, states(call)) == ("stopped", [(1, "Paul", "freed")])


def test_what_was_under_way_is_told_at_a_past_moment_and_what_waits_now(manned, oscar, opened):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    began = service_now()
    later(minutes=5)
    assert [task.note for task in glance.waiting(oscar)] == ["Arbre tombé"]
    calling.stop(oscar, call.pid)
    assert [task.label for task in glance.then(oscar, began)] == ["On appelle : Astreinte voirie"]
    assert list(glance.then(oscar, service_now())) == []
    assert list(glance.waiting(worlds.person("rosa"))) == []


def test_an_exercise_is_said_in_every_message(manned, oscar, opened):
    said = situations.Declaration("heat", "watch", "Forte chaleur", exercise=True)
    drill = situations.declare(oscar, said)
    incident = opened(situation=drill.pid)
    calling.start(oscar, manned.pid, incident=incident.number)
    assert "EXERCICE" in Message.objects.get().body


def test_an_incident_nobody_takes_calls_a_line_once(manned, adele, oscar, opened):
    lines.add_auto(adele, manned.pid, "incident", priority="high")
    low, high = opened(priority="normal"), opened()
    later(minutes=10)
    assert calling.ring() == 1
    call = Cascade.objects.get()
    assert (call.incident, call.auto, call.started_by) == (high, True, None)
    assert calling.ring() == 0
    calling.stop(oscar, call.pid)
    later(minutes=90)
    assert calling.ring() == 0  # the normal one is not called for, the high one was
    assert low.take_by < service_now()


@pytest.fixture
def alarm(still_clock):
    device = Device.objects.create(code="air-1", created=service_now())
    rule = Rule.objects.create(name="Air chargé", lines="no2 > 60", devices="air-*", changed=service_now())
    return Alarm.objects.create(rule=rule, device=device, severity=Severity.MAJOR, raised=service_now())


def escalated(alarm):
    with transaction.atomic():
        payload = {"rule": alarm.rule_id, "device": alarm.device_id, "severity": alarm.severity}
        record(
            "controlroom.alarm.escalated", actor="system:alarms", subject=f"al_{alarm.pk}", payload=payload
        )
    return Event.objects.filter(kind="controlroom.alarm.escalated").latest("seq")


def test_an_alarm_nobody_takes_calls_a_line_once(manned, adele, alarm):
    lines.add_auto(adele, manned.pid, "alarm", severity="4")
    event = escalated(alarm)
    calling.alarm_escalated(event)
    assert not Cascade.objects.exists()  # major, not critical
    lines.add_auto(adele, manned.pid, "alarm", severity="3", rule=alarm.rule_id)
    calling.alarm_escalated(event)
    calling.alarm_escalated(event)
    call = Cascade.objects.get()
    assert (call.alarm, call.about) == (alarm, "Air chargé – air-1")


def test_the_capability_calls_by_name(manned, opened):
    assert calling.call_line("astreinte voirie", incident=opened().number).startswith("ca_")
    assert calling.call_line("astreinte inconnue") == ""


def test_erasing_a_person_leaves_the_call_without_a_name(manned, oscar, paul, opened):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    erasing.forget_contacts([paul])
    assert not Message.objects.filter(address="+33612345678").exists()
    assert CascadeStep.objects.get().contact.name == ""
    later(minutes=11)
    calling.ring()
    assert call.steps.filter(rank=2).exists()


# ------------------------------------------------------------------ against somebody who follows with a finger

DEEDS = st.lists(
    st.tuples(st.sampled_from(["wait", "yes", "no", "voice_yes", "voice_no", "next"]), st.integers(0, 1)),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS)
def test_any_order_of_answers_ends_as_on_paper(manned, oscar, deeds):
    clock.simulate(worlds.TUESDAY, rate=0)
    Cascade.objects.all().delete()
    call = calling.start(oscar, manned.pid, why="Essai")
    paper = {"at": 1, "state": "calling", 1: "waiting"}
    for deed, which in deeds:
        rank = which + 1
        step = call.steps.filter(rank=rank).first()
        if deed == "wait":
            later(minutes=10)
            calling.ring()
        elif deed == "next":
            try:
                calling.hurry(oscar, call.pid)
            except Refused:
                assert paper["state"] != "calling"
        elif step is not None:
            yes = deed.endswith("yes")
            try:
                if deed.startswith("voice"):
                    answering.by_voice(oscar, call.pid, step.pk, yes=yes)
                else:
                    answering.answer(None, step.code, yes=yes)
            except Refused:
                continue
        _on_paper(paper, deed, rank)
        call.refresh_from_db()
        seen = dict(call.steps.values_list("rank", "state"))
        assert (call.state, seen) == (paper["state"], {k: v for k, v in paper.items() if isinstance(k, int)})
        assert (call.due is None) == (call.state != "calling")


def _on_paper(paper, deed, rank):
    """What somebody would write on a sheet of two lines."""
    if deed in {"wait", "next"}:
        if paper["state"] == "calling":
            _next_on_paper(paper)
    elif rank in paper and deed.endswith("yes"):
        if paper.get(3 - rank) == "waiting":
            paper[3 - rank] = "freed"
        paper[rank], paper["state"] = "yes", "answered"
    elif rank in paper and deed.endswith("no"):
        if paper[rank] == "yes":
            paper["state"] = "calling"
        paper[rank] = "no"
        if "waiting" not in {paper.get(1), paper.get(2)}:
            _next_on_paper(paper)


def _next_on_paper(paper):
    if paper[paper["at"]] == "waiting":
        paper[paper["at"]] = "silent"
    if paper["at"] == 1:
        paper["at"], paper[2] = 2, "waiting"
    else:
        paper["state"] = "exhausted"
