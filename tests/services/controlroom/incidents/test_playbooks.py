"""Playbooks: written, published, replaced; run step by step with who and when; waits that outlive a restart."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from ressort.core.clock import service_now, simulation
from ressort.core.errors import Forbidden, Refused
from ressort.core.journal.models import Event
from ressort.services.controlroom.equipment import registering
from ressort.services.controlroom.incidents import faults, queries, runs
from ressort.services.controlroom.incidents.actions import closing, playbooks, running
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook, Run, StepDone
from tests import worlds
from tests.services.controlroom.incidents.conftest import BACKEND, later
from tests.services.controlroom.incidents.test_pages import page, text_of

pytestmark = pytest.mark.django_db
TEXT = """Vérifier : La route est-elle coupée ?
Commander : Abaisser la borne | borne-12 | abaisser
Attendre : 20 min, l'équipe
Décider : Y a-t-il un blessé ?
- Oui -> secours
- Non -> fin
[secours]
Appeler : SDIS, 18
"""


@pytest.fixture
def adele(town):
    return worlds.person("adele")


@pytest.fixture
def book(adele):
    made = playbooks.draft(adele, "Arbre sur la chaussée")
    playbooks.change(adele, made.pk, text=TEXT, category="road")
    return playbooks.publish(adele, made.pk)


@pytest.fixture
def run(opened, oscar, book):
    return running.start(oscar, opened().number, book.pk)


def kinds(after):
    return [
        event.kind.removeprefix("controlroom.")
        for event in Event.objects.filter(seq__gt=after).order_by("seq")
    ]


def here():
    return Event.objects.count()


def test_a_draft_with_faults_is_kept_and_not_published(adele):
    made = playbooks.draft(adele, "Essai")
    playbooks.change(adele, made.pk, text="Apeler : x")
    with pytest.raises(Refused, match="ligne 1") as refused:
        playbooks.publish(adele, made.pk)
    assert refused.value.field == "text"
    assert Playbook.objects.get().text == "Apeler : x"


def test_versions_replace_one_another(adele, book, oscar):
    before = here()
    second = playbooks.next_version(adele, book.pk)
    with pytest.raises(Refused):
        playbooks.next_version(adele, book.pk)
    with pytest.raises(Refused):
        playbooks.change(adele, book.pk, text="x")
    playbooks.publish(adele, second.pk)
    playbooks.withdraw(adele, second.pk)
    third = playbooks.next_version(adele, second.pk)
    playbooks.discard(adele, third.pk)
    assert list(Playbook.objects.order_by("version").values_list("version", "state")) == [
        (1, "replaced"),
        (2, "withdrawn"),
    ]
    assert kinds(before) == [
        "playbook.drafted",
        "playbook.published",
        "playbook.withdrawn",
        "playbook.drafted",
        "playbook.discarded",
    ]
    with pytest.raises(Forbidden):
        playbooks.draft(oscar, "Autre")
    with pytest.raises(Refused, match="s'appelle déjà"):
        playbooks.draft(adele, "arbre SUR la chaussée")


def test_a_run_goes_step_by_step_and_a_decision_branches(run, oscar, odile, book):
    number, before = run.incident.number, here()
    running.do(oscar, number, run.pk, 0, option="yes", note="dans les deux sens")
    running.do(odile, number, run.pk, 1)
    with pytest.raises(Refused, match="n'est pas finie"):
        running.do(oscar, number, run.pk, 2)
    later(minutes=20)
    running.do(oscar, number, run.pk, 2)
    running.do(oscar, number, run.pk, 3, option="0")
    running.do(oscar, number, run.pk, 4)
    run.refresh_from_db()
    assert (run.state, run.step) == ("done", None)
    assert list(StepDone.objects.values_list("step", "by__pid", "answer", "note")) == [
        (0, "p_oscar", "yes", "dans les deux sens"), (1, "p_odile", "", ""), (2, "p_oscar", "", ""),
        (3, "p_oscar", "Oui", ""), (4, "p_oscar", "", ""),
    ]  # fmt: skip
    assert kinds(before) == ["run.stepped"] * 5


def test_the_other_branch_ends(run, oscar):
    number = run.incident.number
    running.do(oscar, number, run.pk, 0, option="no")
    running.do(oscar, number, run.pk, 1, skip=True, note="déjà basse")
    running.do(oscar, number, run.pk, 2, skip=True, note="équipe sur place")
    assert running.do(oscar, number, run.pk, 3, option="1").state == "done"


@pytest.mark.parametrize(
    ("step", "given"),
    [
        (1, {}),
        (0, {}),
        (0, {"option": "peut-être"}),
        (0, {"skip": True}),
        (0, {"option": "yes", "note": "x" * 301}),
    ],
)
def test_what_cannot_be_answered_is_refused(run, oscar, step, given):
    before = here()
    with pytest.raises(Refused):
        running.do(oscar, run.incident.number, run.pk, step, **given)
    assert here() == before


def test_two_people_do_not_do_the_same_step_twice(run, oscar, odile):
    running.do(oscar, run.incident.number, run.pk, 0, option="yes")
    with pytest.raises(Refused, match="déjà fait"):
        running.do(odile, run.incident.number, run.pk, 0, option="yes")


def test_a_wait_survives_a_restart_and_rings_once(run, oscar):
    number = run.incident.number
    running.do(oscar, number, run.pk, 0, option="yes")
    running.do(oscar, number, run.pk, 1)
    kept = Run.objects.get(pk=run.pk)
    assert kept.wait_until == service_now() + timedelta(minutes=20)
    assert running.ring() == 0
    simulation.forget()  # another process, some time later
    later(minutes=45)
    before = here()
    assert (running.ring(), running.ring()) == (1, 0)
    assert kinds(before) == ["run.rung"]
    told = runs.told(Run.objects.get(pk=run.pk), run.incident, service_now())
    assert not told.waiting
    assert "25" in told.clock_words
    assert queries.board(oscar)[0].deed in {"Prendre en charge", "L'attente est finie"}


def test_a_step_is_taken_back_and_stays_noted(run, oscar):
    number = run.incident.number
    with pytest.raises(Refused):
        running.take_back(oscar, number, run.pk)
    running.do(oscar, number, run.pk, 0, option="yes")
    before = here()
    assert running.take_back(oscar, number, run.pk).step == 0
    assert kinds(before) == ["run.taken_back"]
    assert StepDone.objects.get().taken_back is not None
    running.do(oscar, number, run.pk, 0, option="no")
    assert StepDone.objects.count() == 2


def test_an_incident_is_not_closed_nor_merged_over_a_run(run, oscar, opened):
    number = run.incident.number
    with pytest.raises(Refused, match="procédure"):
        closing.close(oscar, number, "solved", "Fait.")
    with pytest.raises(Refused, match="procédure"):
        closing.merge(oscar, number, opened().number)
    running.stop(oscar, number, run.pk)
    closing.close(oscar, number, "solved", "Fait.")
    with pytest.raises(Refused):
        running.take_back(oscar, number, run.pk)


def test_only_what_is_in_force_here_is_started_and_once(run, oscar, sam, opened, book, adele):
    number = run.incident.number
    with pytest.raises(Refused, match="déjà en cours"):
        running.start(oscar, number, book.pk)
    with pytest.raises(Refused):
        running.start(sam, opened(user=sam).number, book.pk)
    playbooks.withdraw(adele, book.pk)
    with pytest.raises(Refused):
        running.start(oscar, opened().number, book.pk)
    running.do(oscar, number, run.pk, 0, option="yes")  # what runs goes on


def test_a_command_opens_the_form_of_the_equipment_or_says_it_is_by_hand(run):
    step = run.playbook.procedure.steps[1]
    address, why = runs.command_link(step, run.incident)
    assert (address, "« borne-12 » n'est pas connu" in why) == ("", True)
    town = run.incident.organisation
    post = {
        "code": "borne-12",
        "kind": "bollard",
        "name": "Borne 12",
        "lon": 5.0,
        "lat": 47.0,
        "driver": "simulated",
    }
    (made,) = registering.take(worlds.person("adele"), [(town, post)], source="test")
    address, why = runs.command_link(step, run.incident)
    assert address.startswith(
        f"/console/poste/equipements/{made.pid}/?ordre=lower&motif={run.incident.number}"
    )
    assert why == ""


def test_every_fault_has_its_sentence():
    import inspect

    from ressort.engines import procedures

    codes = set(re.findall(r'Fault\([^)]*?"([a-z-]+)"', inspect.getsource(procedures))) | {
        "no-colon",
        "unknown-word",
    }
    assert codes <= set(faults._SAID)
    for code in faults._SAID:
        assert faults.said(procedures.Fault(1, code, "x"))


# ------------------------------------------------------------------ pages


@pytest.fixture
def desk(client, oscar):
    client.force_login(oscar, backend=BACKEND)
    return client


@pytest.fixture
def office(client, adele):
    client.force_login(adele, backend=BACKEND)
    return client


def test_writing_publishing_and_reading(office):
    assert "Écrire la première" in text_of(page(office, "playbooks"))
    made = office.post(reverse("controlroom:playbook_new"), {"name": "Fuite d'eau"})
    assert made.status_code == 302
    pk = Playbook.objects.get().pk
    url = reverse("controlroom:playbook_edit", args=[pk])
    seen = office.post(url, {"text": "Apeler : x\nAppeler : y"}, headers={"HX-Request": "true"})
    assert "Ligne 1" in text_of(seen)
    assert "Vouliez-vous écrire « appeler »" in text_of(seen)
    assert Playbook.objects.get().text == ""
    bad = office.post(url, {"text": "Apeler : x", "do": "publish"})
    assert bad.status_code == 422
    assert "ligne 1" in text_of(bad)
    done = office.post(
        url, {"text": TEXT, "do": "publish", "category": "water", "purpose": "Une fuite"}, follow=True
    )
    assert "est publiée" in text_of(done)
    assert "étape 5" in text_of(page(office, "playbook", pk))
    assert office.get(url).status_code == 302
    page(office, "playbooks")
    office.post(reverse("controlroom:playbook_act", args=[pk, "suivante"]))
    page(office, "playbook_edit", Playbook.objects.get(version=2).pk)
    assert office.post(reverse("controlroom:playbook_act", args=[pk, "ufo"])).status_code == 404


def test_an_operator_reads_but_does_not_write(desk, book):
    assert "Abaisser la borne" in text_of(page(desk, "playbook", book.pk))
    assert desk.get(reverse("controlroom:playbook_new")).status_code == 403


def test_followed_from_the_page_of_the_incident(desk, opened, oscar, book):
    number = opened().number
    start = reverse("controlroom:run_start", args=[number])
    desk.post(start, {"playbook": book.pk})
    run = Run.objects.get()
    said = text_of(page(desk, "incident", number))
    assert "Étape 1 sur 5" in said

    def act(deed, **data):
        url = reverse("controlroom:run_act", args=[number, run.pk, deed])
        return text_of(desk.post(url, data, follow=True))

    assert "Étape 2 sur 5" in act("faire", step=0, option="yes")
    assert "à la main" in text_of(page(desk, "incident", number))
    assert "reste 20 min" in act("faire", step=1)
    assert "n'est pas finie" in act("faire", step=2)
    assert "écrivez quelque chose" in act("passer", step=2)
    assert "Y a-t-il un blessé" in act("passer", step=2, note="déjà là")
    assert "la procédure est finie" in act("faire", step=3, option="1")
    assert "à refaire" in act("reprendre")
    assert "arrêtée" in act("arreter")
    assert "Rechargez" in act("faire", step="x")
    assert "en vigueur" in text_of(desk.post(start, {"playbook": "999"}, follow=True))
    part = desk.get(
        reverse("controlroom:incident", args=[number]) + "?part=procedures", headers={"HX-Request": "true"}
    )
    assert "<html" not in part.content.decode()


def test_on_paper(desk, run, oscar, book):
    running.do(oscar, run.incident.number, run.pk, 0, option="yes", note="#panic[oui] $x$ \\")
    for name, pk in (("incident_pdf", run.incident.number), ("playbook_pdf", book.pk)):
        answer = desk.get(reverse(f"controlroom:{name}", args=[pk]))
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        assert len(answer.content) < 90_000
    assert json.loads(Event.objects.order_by("-seq").first().payload)["option"] == "yes"
    assert Incident.objects.count() == 1
