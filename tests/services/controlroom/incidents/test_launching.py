"""A playbook begins with a situation: chosen as it is declared, run on an incident opened for it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ressort.core.errors import Refused
from ressort.core.journal.models import Event
from ressort.services.controlroom.incidents import launching
from ressort.services.controlroom.incidents.actions import playbooks, running, situations
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook, Run
from tests import worlds
from tests.services.controlroom.incidents.conftest import BACKEND

pytestmark = pytest.mark.django_db
TEXT = "Vérifier : Qui est seul ?\nAppeler : Le registre des personnes fragiles\n"


@pytest.fixture
def adele(town):
    return worlds.person("adele")


def written(user, name: str = "Plan canicule", situation: str = "heat") -> Playbook:
    made = playbooks.draft(user, name)
    playbooks.change(
        user, made.pk, text=TEXT, category="safety", purpose="Appeler chacun", situation=situation
    )
    return playbooks.publish(user, made.pk)


@pytest.fixture
def declare(oscar):
    def make(*books: Playbook, **more):
        given = {"kind": "heat", "level": "crisis", "headline": "Très forte chaleur", **more}
        keys = tuple(f"controlroom.playbook.{book.pk}" for book in books)
        made = situations.declare(oscar, situations.Declaration(presets=keys, **given))
        react()
        return made

    return make


def react() -> None:
    for event in Event.objects.filter(kind="controlroom.situation.opened"):
        launching.react(event)
        launching.react(event)  # at least once: twice is once


def test_chosen_playbooks_begin_on_one_incident_of_the_situation(adele, oscar, declare):
    books = [written(adele), written(adele, "Ouvrir les lieux frais")]
    made = declare(*books)
    incident = Incident.objects.get(situation=made)
    assert (incident.title, incident.category, incident.priority) == ("Très forte chaleur", "safety", "vital")
    runs = Run.objects.filter(incident=incident)
    assert {run.playbook_id for run in runs} == {book.pk for book in books}
    assert {run.step for run in runs} == {0}
    opened = Event.objects.get(kind="controlroom.incident.opened")
    assert (opened.actor, opened.subject) == (oscar.pid, incident.pid)


def test_nothing_begins_that_was_not_chosen(adele, declare):
    written(adele)
    declare()
    assert not Incident.objects.exists()


def test_it_is_offered_for_its_kind_in_force_and_to_its_own(adele, sam):
    book = written(adele)
    (preset,) = [one for one in launching.presets() if one.key == f"controlroom.playbook.{book.pk}"]
    assert (preset.kinds, preset.label) == (("heat",), "Procédure : Plan canicule")
    assert preset.sentence == "Appeler chacun."
    with pytest.raises(Refused, match="liste"):
        situations.declare(sam, situations.Declaration("heat", "alert", "Chaleur", presets=(preset.key,)))
    playbooks.withdraw(adele, book.pk)
    assert launching.presets() == ()


def test_an_exercise_plays_it_on_an_incident_of_the_exercise(adele, declare):
    declare(written(adele), exercise=True)
    assert Incident.objects.get().exercise


def test_a_situation_over_before_begins_nothing(adele, oscar):
    book = written(adele)
    key = f"controlroom.playbook.{book.pk}"
    made = situations.declare(oscar, situations.Declaration("heat", "alert", "Chaleur", presets=(key,)))
    situations.close(oscar, made.pid)
    react()
    assert not Incident.objects.exists()


def test_the_page_of_the_situation_says_where_it_is(adele, oscar, declare, client):
    made = declare(written(adele))
    run = Run.objects.select_related("incident").get()
    client.force_login(oscar, backend=BACKEND)
    address = reverse("controlroom:situation", args=[made.pid])
    assert f"en cours sur l&#x27;incident {run.incident.number}" in client.get(address).content.decode()
    running.stop(oscar, run.incident.number, run.pk)
    assert f"arrêtée sur l&#x27;incident {run.incident.number}" in client.get(address).content.decode()


def test_the_form_of_a_playbook_keeps_its_situation_and_that_of_a_declaration_offers_it(adele, oscar, client):
    draft = playbooks.draft(adele, "Plan canicule")
    client.force_login(adele, backend=BACKEND)
    address = reverse("controlroom:playbook_edit", args=[draft.pk])
    client.post(address, {"text": TEXT, "situation": "heat", "do": "publish"})
    book = Playbook.objects.get(pk=draft.pk)
    assert (book.state, book.situation) == ("published", "heat")
    assert playbooks.next_version(adele, book.pk).situation == "heat"
    client.post(address, {"text": TEXT, "situation": "tsunami"})
    client.force_login(oscar, backend=BACKEND)
    said = client.get(reverse("controlroom:situations") + "?plan=heat").content.decode()
    field = said[said.index(f'value="controlroom.playbook.{book.pk}"') :][:80]
    assert "checked" in field
