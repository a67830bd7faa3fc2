"""Devices that lie, and what a second one sees of them: accused once, proved, shown, and believed again."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from ressort.core import clock
from ressort.core import tables as exchanged
from ressort.core.errors import Refused
from ressort.core.intake import watching
from ressort.core.intake.observing import observe
from ressort.core.journal.models import Event
from ressort.services.controlroom.alarms import working
from ressort.services.controlroom.alarms.models import Alarm, Rule
from ressort.services.controlroom.equipment import (
    asking,
    crowd,
    holding,
    playing,
    queries,
    registering,
    states,
    tables,
    witnesses,
    witnessing,
)
from ressort.services.controlroom.equipment.kinds import KINDS
from ressort.services.controlroom.equipment.models import Asset, Command, SimulatedDevice
from ressort.services.controlroom.equipment.witness_models import Witness
from tests import worlds
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"


@pytest.fixture(autouse=True)
def fresh():
    working.forget()
    crowd.forget()
    yield
    working.forget()
    crowd.forget()


class Eyes:
    """A street whose devices have witnesses, the loop of witnesses beside that of commands."""

    def __init__(self, street):
        self.street = street
        self.adele = worlds.person("adele")
        watching.deliver("controlroom.witnesses", witnessing.judge)

    def tie(self, code, text="oeil-1"):
        return witnesses.tie(self.adele, self.street.asset(code).pid, text)

    def later(self, seconds):
        for _second in range(seconds):
            self.step(1)

    def step(self, seconds):
        street, part = self.street, timedelta(seconds=seconds)
        street.wall, street.service = street.wall + part, street.service + part
        clock.simulate(street.service, rate=0)
        holding.tick(street.wall)
        street.play()
        watching.deliver("controlroom.witnesses", witnessing.judge)

    def ask(self, code, verb, **more):
        found = asking.ask(
            self.street.oscar, self.street.asset(code).pid, verb, more, reason="essai", now=self.street.wall
        )
        if found.state == Command.State.DRAFTED:
            asking.approve(self.street.odile, found.pid, now=self.street.wall)
        return found

    def told(self):
        found = Event.objects.filter(kind__startswith="controlroom.equipment.").order_by("seq")
        return [one.kind.rpartition(".")[2] for one in found if one.kind.endswith(("contradicted", "agreed"))]

    def code(self, asset):
        return queries.standing([self.street.asset(asset)])[0].code


@pytest.fixture
def eyes(street) -> Eyes:
    return Eyes(street)


def test_a_lie_is_found_told_once_and_forgiven_once(eyes):
    street = eyes.street
    eyes.tie("borne-1")
    eyes.later(30)
    assert eyes.code("borne-1") == "active"
    street.fault("borne-1", "lying")
    lowered = eyes.ask("borne-1", "lower")
    eyes.later(60)
    assert street.now(lowered).state == Command.State.CONFIRMED  # the end is what the device said
    assert eyes.told() == ["contradicted"]
    assert eyes.code("borne-1") == "contradicted"
    event = Event.objects.get(kind="controlroom.equipment.contradicted")
    payload = json.loads(event.payload)
    assert (payload["says"], payload["sees"], payload["command"]) == ("down", "up", lowered.pid)
    alarm = Alarm.objects.select_related("rule").get()
    assert (alarm.severity, alarm.ended, alarm.device.code) == (3, None, "borne-1")
    assert Witness.objects.get().sentence == "La borne se dit abaissée, le témoin la voit relevée."
    eyes.later(45)
    assert eyes.told() == ["contradicted"]
    assert Alarm.objects.count() == 1
    street.fault("borne-1", "")  # put right: it says again where it stands
    eyes.later(60)
    assert eyes.told() == ["contradicted", "agreed"]
    assert Alarm.objects.get().ended is not None
    assert eyes.code("borne-1") == "active"


def test_what_is_contradicted_forbids_what_is_dangerous_and_nothing_else(eyes):
    street = eyes.street
    eyes.tie("borne-1")
    street.fault("borne-1", "lying")
    eyes.ask("borne-1", "lower")
    eyes.later(60)
    with pytest.raises(Refused) as refused:
        asking.ask(street.oscar, street.asset("borne-1").pid, "raise", reason="essai", now=street.wall)
    assert refused.value.code == "contradicted"
    again = eyes.ask("borne-1", "lower")
    eyes.later(30)
    assert street.now(again).state == Command.State.CONFIRMED
    street.fault("borne-1", "")
    eyes.later(60)
    raised = eyes.ask("borne-1", "raise")
    eyes.later(10)
    assert street.now(raised).state in {Command.State.CONFIRMED, Command.State.SENT, Command.State.ACCEPTED}


def test_a_dangerous_command_under_way_stops_when_the_lie_comes_out(eyes):
    """A siren that says it is silent while a microphone hears it: nothing dangerous is held on its word."""
    street = eyes.street
    eyes.tie("sirene-1", "micro-1")
    eyes.later(20)
    held = asking.ask(
        street.oscar, street.asset("sirene-1").pid, "sound", reason="essai", hold=True, now=street.wall
    )
    asking.approve(street.odile, held.pid, now=street.wall)
    eyes.later(3)
    assert street.now(held).held
    Witness.objects.update(contradicted=1)
    eyes.later(2)
    assert not street.now(held).held
    released = Event.objects.get(kind="controlroom.hold.released")
    assert json.loads(released.payload)["why"] == "contradicted"


STEP = 3
SURE = 45 // STEP
"""Steps after which a lie must be known: the witness's lag, and twice the time between two words of a post."""


class Life:
    """What really happens to one post, step by step, known to nobody but the test."""

    def __init__(self):
        self.says, self.lied, self.truth, self.spoke = "", 0, 0, 0

    def goes_on(self, state, fault):
        says = state["values"]["position"]
        same = says == self.says
        lies = says not in {"moving", state.get("real", says)}
        self.lied = (self.lied + 1 if same else 1) if lies and fault == "lying" else 0
        self.truth = 0 if lies else self.truth + 1
        self.spoke = 0 if fault == "off" or not same else self.spoke + 1
        self.says = says


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_honest_devices_are_never_accused_and_liars_always_are(eyes):
    """Hundreds of commands, faults at random on ten posts that are watched; who lies is known."""
    street, chance = eyes.street, random.Random(7)
    town = street.asset("borne-1").organisation
    added = [
        (town, {"code": f"p-{n}", "kind": "bollard", "name": f"p-{n}", "lon": 5.0, "lat": 47.0, "device": f"p-{n}",
                "driver": "simulated", "witness": f"oeil-{n}"})
        for n in range(10)
    ]  # fmt: skip
    posts = registering.take(eyes.adele, added, source="test")
    playing.install()
    watch = {one.code: Life() for one in posts}
    accused_before: set[str] = set()
    found, missed, wronged, asked = 0, [], [], 0
    for _turn in range(32):
        for post in chance.sample(posts, 6):
            verb = chance.choice(("lower", "raise", "auto"))
            try:
                made = asking.ask(street.oscar, post.pid, verb, reason="essai", now=street.wall)
            except Refused:
                continue
            asked += 1
            if made.state == Command.State.DRAFTED:
                asking.approve(street.odile, made.pid, now=street.wall)
        for post in chance.sample(posts, 2):
            fault = chance.choice(
                ("", "", "off", "stuck", "slow", "refuses", "mute_loop", "lying", "lying", "lying")
            )
            street.fault(post.code, fault)
        for _ in range(chance.choice((2, 4, 9, 18))):
            eyes.step(STEP)
            accused = set()
            for device in SimulatedDevice.objects.filter(asset__in=posts).select_related("asset__witness"):
                life = watch[device.asset.code]
                life.goes_on(device.state, device.fault)
                if device.asset.witness.contradicted is not None:
                    accused.add(device.asset.code)
                if life.lied == SURE:
                    found += 1
                    missed += [device.asset.code] if device.asset.code not in accused else []
            wronged += [code for code in accused - accused_before if watch[code].truth > SURE]
            wronged += [code for code in accused if min(watch[code].truth, watch[code].spoke) > 2 * SURE]
            accused_before = accused
    assert asked > 80
    assert found > 5
    assert missed == []
    assert wronged == []


def test_a_witness_is_tied_corrected_and_taken_away(eyes):
    street = eyes.street
    asset = eyes.tie("borne-1", "camera-3/seen_borne_1")
    assert witnesses.words(asset) == "camera-3/seen_borne_1"
    for text, code in (
        ("borne-1", "same-device"), ("camera 3", "bad-witness"), ("camera-3/Vue", "bad-witness"),
        ("lampe-1/level", "other-kind"), ("camera-3/seen_borne_1", "no-change"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            eyes.tie("borne-1", text)
        assert refused.value.code == code, text
    with pytest.raises(Refused) as refused:
        eyes.tie("comptage-1", "camera-3")
    assert refused.value.code == "no-sight"
    street.fault("borne-1", "lying")
    eyes.tie("borne-1", "oeil-2")
    eyes.ask("borne-1", "lower")
    eyes.later(60)
    assert Alarm.objects.get().ended is None
    eyes.tie("borne-1", "")  # whoever accused it is gone: the alarm ends with them
    assert Alarm.objects.get().ended is not None
    assert not Witness.objects.exists()
    assert Rule.objects.count() == 1
    with pytest.raises(Refused), transaction.atomic():
        witnesses.tie(street.oscar, asset.pid, "oeil-3")


def test_a_file_says_who_witnesses_and_reads_back_to_the_same(eyes):
    head = "code;classe;nom;longitude;latitude;capteur;témoin\r\n"
    row = "borne-9;borne;Borne 9;5,04;47,32;borne-9;{}\r\n"
    table = tables.equipment(eyes.adele)
    found = exchanged.read(table, (head + row.format("borne-9")).encode())
    assert "autre capteur" in str(found.rows[0].faults[0].sentence)
    exchanged.apply(table, (head + row.format("camera-9")).encode())
    assert Witness.objects.get().series.device.code == "camera-9"
    out = exchanged.export(tables.equipment(eyes.adele))
    assert b"camera-9" in out
    assert {one.state for one in exchanged.read(tables.equipment(eyes.adele), out).rows} == {"same"}


def test_only_the_house_accuses_and_a_device_moved_takes_its_witness_along(eyes):
    street = eyes.street
    eyes.tie("borne-1")
    outcome = observe(
        [{"device": "borne-1", "property": "contradicted", "value": False, "at": street.service}]
    )
    assert [reason for _rank, reason in outcome.faults] == ["unknown-property"]
    registering.take(eyes.adele, [], [(street.asset("borne-1"), {"device": "borne-neuve"})], source="test")
    assert Witness.objects.get().own.device.code == "borne-neuve"
    registering.take(eyes.adele, [], [(street.asset("borne-1"), {"device": ""})], source="test")
    assert not Witness.objects.exists()


def test_the_page_shows_the_lie_and_the_map_and_the_past_too(eyes, client):
    street = eyes.street
    eyes.tie("borne-1")
    eyes.later(20)
    before = street.service
    street.fault("borne-1", "lying")
    eyes.ask("borne-1", "lower")
    eyes.later(60)
    during = street.service
    client.force_login(street.oscar, backend=BACKEND)
    page = client.get(f"/console/poste/equipements/{street.asset('borne-1').pid}/")
    check(page)
    text = page.content.decode()
    assert "La borne se dit abaissée, le témoin la voit relevée." in text
    assert "Contredit" in text
    assert crowd.counts()["contradicted"] == 1
    listed = client.get("/console/poste/equipements/?etat=contradicted")
    check(listed)
    assert "borne-1" in listed.content.decode()
    check(client.get("/console/poste/"))
    commands = client.get("/console/poste/commandes/")
    check(commands)
    assert "Contredite par le témoin" in commands.content.decode()
    alarm = client.get(f"/console/alarmes/{Alarm.objects.get().pk}/")
    check(alarm)
    assert "La borne se dit abaissée" in alarm.content.decode()
    street.fault("borne-1", "")
    eyes.later(60)
    shown = {
        at: next(
            one["properties"]["state"]
            for one in queries.geojson(("bollard",), at)["features"]
            if one["properties"]["name"] == "borne-1"
        )
        for at in (before, during, street.service)
    }
    assert shown == {before: "active", during: "contradicted", street.service: "active"}


def test_the_form_of_the_page(eyes, client):
    asset = eyes.street.asset("borne-1")
    address = f"/console/poste/equipements/{asset.pid}/temoin/"
    client.force_login(eyes.adele, backend=BACKEND)
    check(client.get(f"/console/poste/equipements/{asset.pid}/"))
    wrong = client.post(address, {"witness": "borne-1"})
    check(wrong, 422)
    assert "autre capteur" in wrong.content.decode()
    assert client.post(address, {"witness": "oeil-1"}).status_code == 302
    assert witnesses.words(asset) == "oeil-1"
    assert client.post(address, {"witness": ""}).status_code == 302
    client.force_login(eyes.street.oscar, backend=BACKEND)
    assert client.post(address, {"witness": "oeil-1"}).status_code == 403


def test_what_can_witness_is_whole():
    for kind in KINDS.values():
        if kind.sight is None:
            continue
        state = next(spec for spec in kind.observes if spec.observed == kind.state)
        assert kind.sight.lag_s > 0
        said = str(kind.sight.sentence) % {"says": "a", "sees": "b"}
        assert "a" in said
        assert "b" in said
        for word in kind.sight.words:
            values = [*state.choices, *((0.0, 100.0, True, False) if not state.choices else ())]
            assert any(kind.sight.own(value) == word for value in values), (kind.code, word)


def test_one_witness_an_asset(eyes):
    asset = eyes.tie("borne-1")
    one = Witness.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Witness.objects.create(asset=Asset.objects.get(pk=asset.pk), own=one.own, series=one.series)
    assert states.of(asset)["position"].contradicted is False
