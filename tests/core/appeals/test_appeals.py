"""A decision is contested, taken by a named person and answered; each step is one event without a word of anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from ressort.core import clock
from ressort.core.accounts import actions as accounts
from ressort.core.appeals import actions, queries
from ressort.core.appeals.models import Appeal, Statement
from ressort.core.errors import Forbidden, Refused, Unknown
from ressort.core.journal import chain, receipts
from ressort.core.journal.models import Event
from tests import worlds

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@receipts.replayer("test.decision", lambda: "v1")
def again(inputs, seed):
    return {"answer": inputs["question"] + seed}


def decision():
    return receipts.keep(
        "test.decision",
        engine="test",
        inputs={"question": 1},
        answer={"answer": 1},
        words={"decision": "Non.", "rule": "La règle.", "change": "Autre chose."},
    )


@pytest.fixture
def number(still_clock):
    return decision().number


def contest(number, user=NOBODY, **more):
    return actions.contest(user, number, "unfair", **more)


def test_anybody_contests_with_the_number_alone_and_gets_a_date(number):
    before = Event.objects.count()
    made = contest(
        number.lower().replace("-", ""), text="Mon fils a rendez-vous.", way="email", email="Rosa@Exemple.fr"
    )
    assert (made.state, made.receipt) == ("received", number)
    assert made.due - made.at == timedelta(days=15)
    assert made.statement.email == "rosa@exemple.fr"
    event = Event.objects.order_by("-seq").first()
    assert Event.objects.count() == before + 1
    assert (event.kind, event.actor, event.subject) == ("appeal.received", "public", made.pid)
    assert "rendez-vous" not in event.payload


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"way": "pigeon"}, "way"),
        ({"way": "email", "email": "rosa@"}, "email"),
        ({"way": "phone", "phone": ""}, "phone"),
        ({"way": "phone", "phone": "12"}, "phone"),
        ({"text": "x" * 2001}, "text"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(number, more, field):
    with pytest.raises(Refused) as refused:
        actions.contest(NOBODY, number, more.pop("reason", "other"), **more)
    assert refused.value.field == field
    assert not Appeal.objects.exists()


def test_a_number_that_leaked_does_not_flood_the_desk(number):
    for _ in range(actions.OPEN_PER_RECEIPT):
        contest(number)
    with pytest.raises(Refused, match="déjà en cours"):
        contest(number)


def test_an_unknown_receipt_or_follow_number_is_said(still_clock):
    with pytest.raises(Unknown):
        contest("R-00000-00000")
    with pytest.raises(Unknown):
        queries.by_code("E-22222-22222")


def test_a_follow_number_is_read_however_it_is_typed(number):
    made = contest(number)
    spoken = made.code.lower().replace("-", " ")
    assert queries.by_code(spoken).pk == made.pk
    assert queries.by_code(made.code[2:].replace("-", "")).pk == made.pk


def test_it_is_taken_and_answered_by_a_named_person_each_an_event(number):
    agathe, made = worlds.person("agathe"), contest(number)
    actions.take(agathe, made.pid)
    actions.answer(agathe, made.pid, "changed", "Nous avons trouvé une place à 9 h.")
    found = queries.by_code(made.code)
    answer = found.answers.get()
    assert (found.state, found.outcome, answer.by.name) == ("answered", "changed", "Agathe Martin")
    kinds = list(Event.objects.filter(subject=made.pid).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["appeal.received", "appeal.taken", "appeal.answered"]
    assert not list(chain.faults())


def test_only_who_took_it_answers_and_it_can_be_given_back(number):
    agathe, diane, made = worlds.person("agathe"), worlds.person("diane"), contest(number)
    with pytest.raises(Refused, match="reçue"):
        actions.answer(agathe, made.pid, "upheld", "Une réponse assez longue.")
    actions.take(agathe, made.pid)
    with pytest.raises(Refused, match="prise en charge"):
        actions.take(diane, made.pid)
    with pytest.raises(Refused, match="Une autre personne"):
        actions.answer(diane, made.pid, "upheld", "Une réponse assez longue.")
    actions.release(diane, made.pid)
    actions.take(diane, made.pid)
    actions.answer(diane, made.pid, "upheld", "Une réponse assez longue.")


@pytest.mark.parametrize(
    ("outcome", "text", "field"), [("maybe", "Assez long.", "outcome"), ("upheld", " ", "text")]
)
def test_an_empty_answer_is_no_answer(number, outcome, text, field):
    agathe, made = worlds.person("agathe"), contest(number)
    actions.take(agathe, made.pid)
    with pytest.raises(Refused) as refused:
        actions.answer(agathe, made.pid, outcome, text)
    assert refused.value.field == field


@pytest.mark.parametrize("name", ["rosa", "denis"])
def test_riders_and_drivers_do_not_answer(number, name):
    made = contest(number)
    with pytest.raises(Forbidden):
        actions.take(worlds.person(name), made.pid)


def test_a_reopened_appeal_keeps_what_was_answered_and_owes_a_new_date(number):
    agathe, made = worlds.person("agathe"), contest(number)
    actions.take(agathe, made.pid)
    actions.answer(agathe, made.pid, "explained", "Tout était complet ce jour-là.")
    clock.simulate(worlds.TUESDAY + timedelta(days=10), rate=0)
    actions.reopen(agathe, made.pid)
    found = queries.by_code(made.code)
    assert (found.state, found.outcome, found.taken_by) == ("received", "", None)
    assert found.due == worlds.TUESDAY + timedelta(days=25)
    assert found.answers.count() == 1


def test_what_is_late_comes_first_and_is_counted(number):
    early = contest(number)
    clock.simulate(worlds.TUESDAY + timedelta(days=14), rate=0)
    contest(number)
    clock.simulate(worlds.TUESDAY + timedelta(days=16), rate=0)
    assert [one.late for one in queries.listed()] == [True, False]
    assert queries.listed().first().pk == early.pk
    assert queries.waiting() == {"received": 2, "taken": 0, "late": 1}
    agathe = worlds.person("agathe")
    actions.take(agathe, early.pid)
    actions.answer(agathe, early.pid, "upheld", "Avec nos excuses pour le retard.")
    assert '"late":true' in Event.objects.order_by("-seq").first().payload
    assert not queries.by_pid(early.pid).late


def test_the_tally_counts_decisions_not_letters(number):
    first, second = contest(number), contest(number)
    third = contest(decision().number)
    agathe = worlds.person("agathe")
    for made, outcome in ((first, "changed"), (second, "upheld")):
        actions.take(agathe, made.pid)
        actions.answer(agathe, made.pid, outcome, "Une réponse assez longue.")
    counted = queries.tally(["test.decision"], worlds.TUESDAY - timedelta(days=1))
    assert (counted.contested, counted.answered, counted.changed) == (2, 2, 1)
    assert queries.of_receipt(third.receipt) == 1
    assert queries.tally(["nothing"], worlds.TUESDAY).contested == 0


def test_what_was_written_is_erased_by_code_and_with_the_account(number):
    agathe, rosa = worlds.person("agathe"), worlds.person("rosa")
    guest, own = (
        contest(number, text="secret"),
        contest(number, rosa, text="secret", way="phone", phone="0612345678"),
    )
    actions.take(agathe, guest.pid)
    actions.answer(agathe, guest.pid, "explained", "Chère Rosa, voici pourquoi.")
    actions.erase(NOBODY, guest.code)
    assert queries.by_code(guest.code).answers.get().text == ""
    accounts.erase(rosa, actor=rosa)
    assert not Statement.objects.exists()
    found = queries.by_code(own.code)
    assert (found.owner_pid, found.reason) == ("", "unfair")
    assert not list(chain.faults())


def test_what_an_erased_agent_had_taken_up_waits_for_somebody_else(number):
    agathe, made = worlds.person("agathe"), contest(number)
    actions.take(agathe, made.pid)
    accounts.erase(agathe, actor=agathe)
    found = queries.by_code(made.code)
    assert (found.state, found.taken_by, found.taken) == ("received", None, None)
    assert queries.waiting()["received"] == 1
