"""The pages of duty: who may open them, what they say, at what cost in queries; what is typed and refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ressort.core.clock import service_now
from ressort.services.controlroom.duty import queries
from ressort.services.controlroom.duty.actions import calling, lines, planning
from ressort.services.controlroom.duty.cascade_models import Cascade
from ressort.services.controlroom.duty.models import DutyContact, DutyLine, DutyReplacement, DutyTurn
from ressort.services.controlroom.duty.shift_models import Handover, Presence
from ressort.services.controlroom.incidents.actions import handling
from tests import worlds
from tests.services.controlroom.incidents.conftest import BACKEND, later
from tests.services.controlroom.incidents.test_pages import page, text_of

pytestmark = pytest.mark.django_db


def sign(client, user):
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def desk(client, oscar):
    return sign(client, oscar)


@pytest.fixture
def office(client, adele):
    return sign(client, adele)


def post(client, where, /, *args, status=302, **data):
    answer = client.post(reverse(f"controlroom:{where}", args=args), data)
    assert answer.status_code == status, text_of(answer)[:900]
    return answer


PAGES = ["duty", "duty_people", "duty_import", "duty_call", "cascades", "floor", "handover"]


@pytest.mark.parametrize("name", [*PAGES, "duty_new"])
def test_the_public_signs_in_and_a_rider_is_refused(client, still_clock, name):
    url = reverse(f"controlroom:{name}")
    assert client.get(url).url.startswith(reverse("web:signin"))
    sign(client, worlds.person("rosa"))
    assert client.get(url).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_empty_pages_teach(desk, name):
    said = text_of(page(desk, name))
    assert any(word in said for word in ("Aucun", "Personne", "Modèle vide")), said


def test_a_line_is_made_manned_and_read(office):
    post(office, "duty_new", name="Astreinte voirie", ranks=2, minutes=10)
    line = DutyLine.objects.get()
    post(office, "duty_people", name="Paul Petit", phone="06 12 34 56 78", by="sms")
    post(office, "duty_people", name="Rita Roy", email="rita@valmont.test", by="email")
    paul, rita = DutyContact.objects.order_by("name")
    given = {"first": "2026-09-11", "hour": "17:00", "weeks": 8, "rank": 1, "who1": paul.pk, "who2": rita.pk}
    post(office, "duty_line_act", line.pid, "rotation", **given)
    assert list(DutyTurn.objects.values_list("contact__name", flat=True))[:3] == [
        "Paul Petit",
        "Rita Roy",
        "Paul Petit",
    ]
    said = text_of(page(office, "duty_line", line.pid))
    assert "8 tours d'une semaine sont au tableau" in said
    assert "Rang 2 Personne" in said
    assert "vendredi 18 septembre 17 h 00" in said
    board = text_of(page(office, "duty"))
    assert "Paul Petit 06 12 34 56 78 jusqu'à vendredi à 17 h 00" in board
    post(office, "duty_line_act", line.pid, "rotation", status=422, **given)  # these weeks are taken
    post(office, "duty_line_act", line.pid, "rotation", status=422, **(given | {"who1": "", "hour": "25:00"}))


def test_a_turn_is_replaced_swapped_and_given_back(office, manned, paul, rita):
    turn = DutyTurn.objects.get(rank=1)
    later_turn = planning.plan(
        worlds.person("adele"), manned.pid, 1, rita.pk, turn.ends, turn.ends + timedelta(days=7)
    )
    url = reverse("controlroom:duty_line", args=[manned.pid])
    answer = office.get(f"{url}?tour={turn.pk}")
    assert "Faire remplacer" in text_of(answer)
    span = {"from_day": "2026-09-15", "from_hour": "12:00", "until_day": "2026-09-16", "until_hour": "12:00"}
    act = ("duty_line_act", manned.pid)
    post(office, *act, "remplacer", turn=turn.pk, contact=rita.pk, **span)
    assert "à la place de Paul Petit" in text_of(page(office, "duty_line", manned.pid))
    over = DutyReplacement.objects.get()
    post(office, *act, "rendre", replacement=over.pk)
    bad = span | {"until_day": "2027-09-16"}
    answer = post(office, *act, "remplacer", status=422, turn=turn.pk, contact=rita.pk, **bad)
    assert "Un remplacement tient dans le tour" in text_of(answer)
    post(office, *act, "echanger", turn=turn.pk, other=later_turn.pk)
    assert DutyReplacement.objects.count() == 2
    assert [one.name for one in queries.on_duty(manned, service_now())[1]] == ["Rita Roy"]
    post(office, *act, "rendre", replacement=DutyReplacement.objects.first().pk)
    assert not DutyReplacement.objects.exists()
    post(office, *act, "retirer", turn=later_turn.pk)
    assert "Le tour de Rita Roy est retiré." in text_of(page(office, "duty_line", manned.pid))


def test_holes_and_two_at_once_are_told(office, manned, rita):
    start = service_now()
    planning.plan(worlds.person("adele"), manned.pid, 1, rita.pk, start, start + timedelta(hours=5))
    said = text_of(page(office, "duty_line", manned.pid))
    assert "2 trous" in said
    assert "1 fois deux à la fois" in said
    assert "tous deux sont appelés" in said


def test_somebody_who_leaves_the_list_leaves_a_hole(office, manned, paul):
    post(office, "duty_person_act", paul.pk, "retirer")
    assert 1 not in queries.on_duty(manned, service_now())
    assert "Remettre" in text_of(page(office, "duty_people"))
    post(office, "duty_person_act", paul.pk, "remettre")
    assert 1 in queries.on_duty(manned, service_now())
    answer = office.get(reverse("controlroom:duty_person_act", args=[paul.pk, "modifier"]))
    assert 'value="Paul Petit"' in answer.content.decode()
    post(office, "duty_person_act", paul.pk, "modifier", status=422, name="Paul Petit", phone="12", by="sms")
    post(office, "duty_person_act", paul.pk, "modifier", name="Paul Petit", phone="0612345679", by="sms")


def test_settings_and_what_calls_by_itself(office, roads):
    act = ("duty_line_act", roads.pid)
    post(office, *act, "regler", name="Astreinte voirie", ranks=3, minutes=5, purpose="Voirie")
    post(office, *act, "regler", status=422, name="", ranks=9, minutes=0)
    post(office, *act, "office", of="incident", severity=3, priority="vital", category="road")
    assert "priorité vitale ou plus, voirie et circulation" in text_of(page(office, "duty_line", roads.pid))
    post(office, *act, "retirer-office", auto=roads.autos.get().pk)
    post(office, *act, "fermer")
    assert "on ne l'appelle plus" in text_of(page(office, "duty_line", roads.pid))
    assert "Aucune astreinte" in text_of(page(office, "duty"))
    post(office, *act, "rouvrir")
    post(office, *act, "inconnu", status=404)


def test_called_from_an_incident_and_followed_on_its_page(desk, manned, opened):
    incident = opened()
    assert "Aucune astreinte n'a été appelée" in text_of(page(desk, "incident", incident.number))
    said = text_of(page(desk, "duty_call", query=f"?incident={incident.number}&ligne={manned.pid}"))
    assert "Pour l'incident INC-2026-0001" in said
    given = {"line": manned.pid, "incident": incident.number, "why": "Camion-grue"}
    answer = desk.post(reverse("controlroom:duty_call"), given, follow=True)
    assert "On appelle Paul Petit." in text_of(answer)
    assert "Revenir en arrière" in text_of(answer)
    said = text_of(page(desk, "incident", incident.number))
    assert "On appelle" in said
    assert "Paul Petit Réponse attendue" in said
    part = desk.get(
        reverse("controlroom:incident", args=[incident.number]) + "?part=appels", headers={"HX-Request": "1"}
    )
    assert "Réponse attendue" in text_of(part)
    call = Cascade.objects.get()
    step = call.steps.get()
    post(desk, "cascade_act", call.pid, "oui", step=step.pk, next="incident")
    assert "de vive voix, noté par Oscar Martin" in text_of(page(desk, "cascade", call.pid))
    post(desk, "duty_call", status=422, line=manned.pid)  # says neither for what nor why
    post(desk, "duty_call", status=404, line=manned.pid, incident="INC-1")
    assert "Astreinte voirie" in text_of(page(desk, "cascades"))


def test_a_call_is_stopped_or_hurried(desk, oscar, manned):
    call = calling.start(oscar, manned.pid, why="Essai")
    post(desk, "cascade_act", call.pid, "suivant")
    assert call.steps.count() == 2
    post(desk, "cascade_act", call.pid, "arreter")
    post(desk, "cascade_act", call.pid, "arreter", status=409)
    post(desk, "cascade_act", call.pid, "oui", status=409, step="x")
    post(desk, "cascade_act", call.pid, "inconnu", status=404)


def test_the_page_of_somebody_called_changes_nothing_until_a_button(client, oscar, manned, opened):
    call = calling.start(oscar, manned.pid, incident=opened(address="Rue Verte").number, why="Avec la grue")
    step = call.steps.get()
    short = client.get(reverse("web:short", args=[step.code]))
    url = reverse("controlroom:duty_answer", args=[step.code])
    assert short.url == url
    answer = page(client, "duty_answer", step.code)
    assert answer["Cache-Control"] == "private, no-store"
    said = text_of(answer)
    for words in ("Arbre tombé", "Rue Verte", "Avec la grue", "J'ai reçu, je m'en charge", "Je ne peux pas"):
        assert words in said
    step.refresh_from_db()
    assert step.state == "waiting"
    assert client.post(url, {}).status_code == 409
    assert client.post(url, {"answer": "yes", "note": "J'arrive"}).status_code == 302
    assert "vous vous en chargez" in text_of(page(client, "duty_answer", step.code))
    assert client.post(url, {"answer": "no"}).status_code == 302
    assert "La personne suivante est appelée" in text_of(page(client, "duty_answer", step.code))
    assert client.get(reverse("controlroom:duty_answer", args=["ZZZ-ZZZ-ZZZ"])).status_code == 404
    lower = client.get(reverse("controlroom:duty_answer", args=[step.code.lower()]))
    assert lower.url == url


def test_late_silent_and_relieved_are_told_what_is_true(client, oscar, manned, opened):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    paul = call.steps.get()
    later(minutes=11)
    calling.ring()
    assert "Vous pouvez encore vous en charger" in text_of(page(client, "duty_answer", paul.code))
    rita = call.steps.get(rank=2)
    client.post(reverse("controlroom:duty_answer", args=[rita.code]), {"answer": "yes"})
    said = text_of(page(client, "duty_answer", paul.code))
    assert "Quelqu'un d'autre s'en charge" in said
    assert "je m'en charge" not in said


# ------------------------------------------------------------------ files


FILE = (
    "astreinte;rang;personne;du;à partir de;au;jusqu'à;téléphone\n"
    "Astreinte voirie;1;Paul Petit;18/09/2026;17:00;25/09/2026;17:00;\n"
    "Astreinte voirie;2;Nadia Neuve;18/09/2026;17:00;25/09/2026;17:00;06 11 22 33 44\n"
)


def sent(client, text):
    return client.post(
        reverse("controlroom:duty_import"),
        {"file": SimpleUploadedFile("tours.csv", text.encode(), "text/csv")},
    )


def test_turns_come_from_a_file_tried_first(office, roads, paul):
    tried = sent(office, FILE)
    assert "Essai à blanc" in text_of(tried)
    assert not DutyTurn.objects.exists()
    data = tried.context["data"]
    post(office, "duty_import", deed="apply", data=data)
    assert DutyTurn.objects.count() == 2
    assert DutyContact.objects.get(name="Nadia Neuve").phone == "+33611223344"
    back = office.get(reverse("controlroom:duty_file", args=["export"])).content.decode("utf-8-sig")
    again = sent(office, back)
    assert "exactement ce qui est déjà là" in text_of(again)
    assert "à partir de" in office.get(reverse("controlroom:duty_file", args=["modele"])).content.decode()
    assert office.get(reverse("controlroom:duty_file", args=["autre"])).status_code == 404


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "Astreinte lune;1;Paul Petit;18/09/2026;17:00;25/09/2026;17:00;",
            "Aucune astreinte ne porte ce nom",
        ),
        ("Astreinte voirie;4;Paul Petit;18/09/2026;17:00;25/09/2026;17:00;", "Cette astreinte a 2 rang(s)"),
        ("Astreinte voirie;1;Inconnue;18/09/2026;17:00;25/09/2026;17:00;", "Donnez un téléphone"),
        ("Astreinte voirie;1;Paul Petit;25/09/2026;17:00;18/09/2026;17:00;", "La fin vient après le début"),
        (
            "Astreinte voirie;1;Paul Petit;18/09/2026;17:00;25/09/2026;17:00;\n"
            "Astreinte voirie;1;Paul Petit;20/09/2026;17:00;27/09/2026;17:00;",
            "déjà d'astreinte à ce rang",
        ),
        ("Astreinte voirie;1;Paul Petit;32/09/2026;17:00;25/09/2026;17:00;", "du"),
        ("Astreinte voirie;1;Paul Petit;18/09/2026;17:00;25/09/2026;17:00;12", "n'est pas complet"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_on_its_line(office, roads, paul, line, said):
    answer = sent(office, FILE.splitlines()[0] + "\n" + line + "\n")
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not DutyTurn.objects.exists()


# ------------------------------------------------------------------ the room


def test_a_desk_is_taken_and_left(desk, oscar):
    post(desk, "floor_act", "prendre", duty="chief", desk="Pupitre 1")
    assert "Oscar Martin Chef de salle · Pupitre 1" in text_of(page(desk, "floor"))
    post(desk, "floor_act", "prendre", status=422, duty="operator")
    mine = Presence.objects.get()
    post(desk, "floor_act", "quitter", presence=mine.pk)
    assert "Partis depuis hier" in text_of(page(desk, "floor"))
    post(desk, "floor_act", "revenir", presence=mine.pk)
    mine.refresh_from_db()
    assert mine.left is None
    post(desk, "floor_act", "quitter", status=409, presence="x")
    post(desk, "floor_act", "autre", status=404)


def test_a_shift_is_handed_over_and_kept_as_it_was(client, oscar, odile, opened, manned):
    incident = opened()
    calling.start(oscar, manned.pid, incident=incident.number)
    sign(client, oscar)
    post(client, "floor_act", "prendre", duty="chief")
    said = text_of(page(client, "handover"))
    for words in ("Arbre tombé", "Astreintes que l'on appelle 1", "Aucune alarme n'attend", "Oscar Martin"):
        assert words in said
    post(client, "handover_act", "ecrire", notes="Surveiller la Saône", version=0)
    found = Handover.objects.get()
    assert "ouvre cette page avec son compte" in text_of(page(client, "handover"))
    answer = client.post(
        reverse("controlroom:handover_act", args=["prendre"]),
        {"handover": found.pk, "version": found.version},
        follow=True,
    )
    assert "c'est la personne qui vous remplace" in text_of(answer)
    sign(client, odile)
    post(client, "handover_act", "ecrire", notes="Autre chose", status=409, version=0)
    post(client, "handover_act", "prendre", handover=found.pk, version=found.version)
    found.refresh_from_db()
    assert found.taken_by == odile
    handling.change(odile, incident.number, title="Arbre tombé, retiré")
    handling.take(odile, incident.number)
    later(minutes=30)
    said = text_of(page(client, "handover_past", found.pk))
    assert "Odile Martin a pris la relève de Oscar Martin" in said
    assert "À prendre en charge" in said  # as it stood then
    assert "Surveiller la Saône" in said
    assert f"/console/releve/{found.pk}/" in page(client, "handover").content.decode()
    for name, args in (("handover_pdf", [found.pk]), ("handover_now_pdf", [])):
        paper = client.get(reverse(f"controlroom:{name}", args=args))
        assert paper.content.startswith(b"%PDF-")
    post(client, "handover_act", "autre", status=404)


def test_another_organisation_sees_nothing(client, sam, manned, opened, oscar):
    call = calling.start(oscar, manned.pid, incident=opened().number)
    sign(client, sam)
    assert client.get(reverse("controlroom:duty_line", args=[manned.pid])).status_code == 403
    assert client.get(reverse("controlroom:cascade", args=[call.pid])).status_code == 403
    assert "Astreinte voirie" not in text_of(page(client, "duty"))
    assert "Paul" not in text_of(page(client, "duty_people"))


# ------------------------------------------------------------------ how much they ask


def test_pages_ask_as_many_questions_for_many_lines(
    desk, adele, oscar, manned, django_assert_max_num_queries
):
    people = [lines.add_contact(adele, name=f"P {n}", email=f"p{n}@valmont.test") for n in range(4)]
    start = service_now() - timedelta(days=1)
    for number in range(5):
        line = lines.add_line(adele, name=f"Ligne {number}", ranks=2, minutes=5)
        for week in range(6):
            begins = start + timedelta(days=7 * week)
            planning.plan(adele, line.pid, 1, people[week % 4].pk, begins, begins + timedelta(days=7))
        calling.start(oscar, line.pid, why="Essai")
    with django_assert_max_num_queries(24):
        page(desk, "duty")
    with django_assert_max_num_queries(30):
        page(desk, "duty_line", manned.pid)
    with django_assert_max_num_queries(24):
        page(desk, "handover")
