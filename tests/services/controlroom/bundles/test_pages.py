"""The pages of bundles: the list on the situation, its download, the sheets that are typed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ressort.services.controlroom.bundles import making, pages, queries
from ressort.services.controlroom.bundles.models import Bundle, PaperSheet
from ressort.services.controlroom.incidents.models import Incident
from tests import worlds
from tests.services.controlroom.bundles.conftest import work
from tests.services.controlroom.incidents.conftest import BACKEND, later
from tests.services.controlroom.incidents.test_pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, oscar):
    client.force_login(oscar, backend=BACKEND)
    return client


def deed(client, situation, name, status=302, **data):
    answer = client.post(reverse("controlroom:bundle_act", args=[situation.pid, name]), data)
    assert answer.status_code == status
    return answer


def test_the_situation_tells_when_the_next_is_due_and_lists_them(desk, flood):
    assert "Aucune liasse encore" in text_of(page(desk, "situation", flood.pid))
    deed(desk, flood, "imprimer")
    assert "En préparation" in text_of(page(desk, "situation", flood.pid))
    work()
    said = text_of(page(desk, "situation", flood.pid))
    assert "Liasse 1" in said
    assert "Prête" in said
    assert "Prochaine liasse" in said
    assert "demandée (Oscar Martin)" in said


def test_a_bundle_is_downloaded_under_a_name_that_says_the_hour_and_the_exercise(desk, declare, oscar):
    played = declare(kind="heat", exercise=True)
    bundle = making.ask(oscar, played.pid)
    assert desk.get(reverse("controlroom:bundle_pdf", args=[bundle.pid])).status_code == 404
    work()
    answer = desk.get(reverse("controlroom:bundle_pdf", args=[bundle.pid]))
    assert answer.content.startswith(b"%PDF-")
    assert 'filename="EXERCICE-liasse-1-20260915-0730.pdf"' in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"


def test_the_list_comes_alone_when_a_screen_asks_again(desk, flood, oscar):
    making.ask(oscar, flood.pid)
    alone = desk.get(reverse("controlroom:bundles", args=[flood.pid]), headers={"HX-Request": "true"})
    assert b"<html" not in alone.content
    assert "Liasse 1" in text_of(alone)
    assert desk.get(reverse("controlroom:bundles", args=[flood.pid])).status_code == 302


def test_the_rhythm_and_the_printer_answer_in_sentences(desk, flood):
    deed(desk, flood, "rythme", minutes="30")
    assert making.minutes(flood) == 30
    for name, data, said in (
        ("rythme", {"minutes": "7"}, "Choisissez un rythme"),
        ("imprimante", {"bundle": "bu_0"}, None),
        ("dormir", {}, None),
    ):
        answer = deed(desk, flood, name, 302 if said else 404, **data)
        if said:
            assert said in text_of(desk.get(answer["Location"]))


def test_who_may_not_read_sees_no_paper(client, flood, sam):
    client.force_login(sam, backend=BACKEND)
    assert "Sur papier" not in text_of(page(client, "situation", flood.pid))
    agent = worlds.person("agathe")
    client.force_login(agent, backend=BACKEND)
    for name in ("bundles", "paper_sheets"):
        assert client.get(reverse(f"controlroom:{name}", args=[flood.pid])).status_code == 403


def test_a_sheet_is_found_by_its_code_typed_and_then_told(desk, flood, oscar):
    making.ask(oscar, flood.pid)
    later(hours=1)
    code = PaperSheet.objects.get(place=3).code
    assert pages.find_by_code(code.lower()) == reverse("controlroom:paper_sheet", args=[code])
    page(desk, "paper_sheets", flood.pid)
    wrong = desk.post(reverse("controlroom:paper_sheets", args=[flood.pid]), {"code": "AAA"})
    assert wrong.status_code == 422
    found = desk.post(
        reverse("controlroom:paper_sheets", args=[flood.pid]), {"code": code.replace("-", "").lower()}
    )
    assert found["Location"] == reverse("controlroom:paper_sheet", args=[code])
    page(desk, "paper_sheet", code)
    empty = desk.post(found["Location"], {"what": "incident", "day": "2026-09-15", "hour": "08:00"})
    assert empty.status_code == 422
    assert "Dites en une phrase" in text_of(empty)
    data = {"what": "incident", "day": "2026-09-15", "hour": "08:00", "text": "Cave inondée, rue basse",
            "title": "Cave inondée", "category": "water", "priority": "high", "where": "rue basse"}  # fmt: skip
    done = desk.post(found["Location"], data)
    assert done["Location"] == reverse("controlroom:incident", args=[Incident.objects.get().number])
    assert "déjà saisie, par Oscar Martin" in text_of(page(desk, "paper_sheet", code))
    again = desk.post(found["Location"], data)
    assert again.status_code == 409
    assert Incident.objects.count() == 1
    assert "1-3" in text_of(page(desk, "paper_sheets", flood.pid))
    page(desk, "incident", Incident.objects.get().number)


def test_the_page_costs_the_same_for_many(desk, flood, oscar, django_assert_max_num_queries):
    for _ in range(5):
        making.ask(oscar, flood.pid)
        later(minutes=5)
    work()
    assert Bundle.objects.exclude(made=None).count() == 5
    assert [one.bundle.number for one in queries.of(flood)] == [5, 4, 3, 2, 1]
    with django_assert_max_num_queries(24):
        page(desk, "situation", flood.pid)
