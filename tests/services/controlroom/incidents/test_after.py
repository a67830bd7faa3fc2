"""The after-action report, written from the journal; situations prepared ahead."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ressort.core.journal.models import Event
from ressort.services.controlroom.bundles import making
from ressort.services.controlroom.incidents import after, prepared
from ressort.services.controlroom.incidents.actions import handling, situations
from ressort.services.transport import pausing
from tests.services.controlroom.incidents.conftest import BACKEND, later
from tests.services.controlroom.incidents.test_pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(oscar, opened):
    """A heat wave played from its preset: an incident, a line, a bundle asked for, an end."""
    plan = prepared.of("heat").initial()
    made = situations.declare(
        oscar, situations.Declaration(**{**plan, "presets": tuple(plan["presets"])}, exercise=True)
    )
    pausing.react(Event.objects.get(kind="controlroom.situation.opened"))
    number = opened(title="Malaise au marché", situation=made.pid).number
    later(minutes=5)
    handling.take(oscar, number)
    handling.log(oscar, number, "Ambulance jouée partie")
    making.ask(oscar, made.pid)
    later(minutes=20)
    situations.close(oscar, made.pid)
    later(seconds=2)
    pausing.react(Event.objects.get(kind="controlroom.situation.closed"))
    made.refresh_from_db()
    return made


def test_it_tells_everything_in_order_and_what_followed_in_other_services(played):
    found = after.data(played, "https://valmont.test/")
    told = [row[1] for row in found["log"]]
    assert told[0].startswith("Situation déclarée")
    for words in (
        "Des heures sans nouveau trajet",
        "[INC-2026-0001] Ambulance",
        "Liasse papier 1",
        "Situation terminée",
    ):
        assert any(words in one for one in told), words
    assert "Les trajets sont de nouveau" in told[-1]
    assert found["exercise"].startswith("EXERCICE")
    figures = dict(found["figures"])
    assert figures["Incidents"] == "1"
    assert figures["Pris en charge dans le délai"] == "1 sur 1"
    assert figures["Encore ouverts"] == "1"


def test_it_is_downloaded_under_a_name_that_says_what_it_is(client, oscar, sam, played):
    client.force_login(oscar, backend=BACKEND)
    assert "Retour d'expérience" in text_of(page(client, "situation", played.pid))
    assert "tout est comme avant" in text_of(page(client, "situation", played.pid))
    answer = client.get(reverse("controlroom:situation_pdf", args=[played.pid]))
    assert answer.content.startswith(b"%PDF-")
    assert 'filename="EXERCICE-retour-20260915-heat.pdf"' in answer["Content-Disposition"]
    client.force_login(sam, backend=BACKEND)
    assert client.get(reverse("controlroom:situation_pdf", args=[played.pid])).status_code == 403


def test_a_prepared_situation_fills_the_form_and_publishes_nothing(client, oscar):
    client.force_login(oscar, backend=BACKEND)
    answer = client.get(reverse("controlroom:situations") + "?plan=heat")
    said = answer.content.decode()
    assert 'value="transport.hot_hours"' in said
    assert "Fortes chaleurs" in said
    form = answer.context["form"]
    assert form["presets"].value() == ["transport.hot_hours"]
    assert not Event.objects.filter(kind="controlroom.situation.opened").exists()
    assert client.get(reverse("controlroom:situations") + "?plan=ufo").status_code == 200


def test_every_prepared_sentence_may_be_published(oscar):
    for one in prepared.PREPARED:
        given = one.initial()
        situations.declare(oscar, situations.Declaration(**{**given, "presets": tuple(given["presets"])}))
    assert Event.objects.filter(kind="controlroom.situation.opened").count() == len(prepared.PREPARED)
