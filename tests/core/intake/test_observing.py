"""Observations in: believed or put in quarantine, once each, kept small, read again as they were."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ressort.core import clock
from ressort.core.errors import Forbidden, Refused
from ressort.core.intake import catalogue, keeping, quarantine, reading, watching
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Arrival, Block, Device, Held, Latest, Quarantine, Sample
from ressort.core.intake.observing import observe
from ressort.core.intake.readings import milliseconds
from ressort.core.journal.models import Event
from tests import worlds

pytestmark = pytest.mark.django_db

AIR = (Spec("no2", unit="µg/m³", low=0, high=1000), Spec("door", "flag"))
POST = Spec("position", "choice", choices=("up", "down", "moving"))


@pytest.fixture
def air(still_clock):
    catalogue.enrol({"air-1": AIR, "post-1": (POST,)})
    return {one.observed: one.pk for one in Device.objects.get(code="air-1").series.all()}


def said(value=21.5, at=None, device="air-1", name="no2", **more):
    return {"device": device, "property": name, "value": value, "at": at or clock.service_now(), **more}


def reasons(outcome):
    return [reason for _, reason in outcome.faults]


def test_a_batch_is_kept_once_and_the_newest_is_remembered(air, still_clock):
    batch = [said(value, still_clock - timedelta(seconds=10 * n)) for n, value in enumerate((3.5, 2.25, 1))]
    outcome = observe(batch)
    assert (outcome.accepted, outcome.duplicates, outcome.faults) == (3, 0, [])
    again = observe(batch)
    assert (again.accepted, again.duplicates) == (0, 3)
    assert Sample.objects.count() == 3
    assert Latest.objects.get(series=air["no2"]).value == 3.5
    at, values, _ = reading.between(
        air["no2"], still_clock - timedelta(minutes=1), still_clock + timedelta(1)
    )
    assert values.tolist() == [1, 2.25, 3.5]
    assert at[-1] == milliseconds(still_clock)
    assert Device.objects.get(code="air-1").first_seen is not None
    assert Device.objects.get(code="post-1").first_seen is None


def test_the_same_instant_twice_in_a_batch_is_one_observation_the_first(air, still_clock):
    outcome = observe([said(1), said(2)])
    assert (outcome.accepted, outcome.duplicates) == (1, 1)
    assert Latest.objects.get(series=air["no2"]).value == 1


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("bonjour", "malformed"),
        (None, "malformed"),
        ({}, "malformed"),
        (said("x", "2026-01-01", device="a b"), "malformed"),
        (said(1, "hier"), "malformed"),
        (said(1, "2026-09-15T05:30:00"), "malformed"),  # no offset: which hour would it be?
        (said(1, "0001-01-01T00:00:00+23:59"), "too-old"),
        (said(1, "9999-12-31T23:59:59-23:59"), "future"),
        (said(1, "2026-09-15T05:30:00Z", quality=["x"]), "malformed"),
        (said(1, "2026-09-15T05:30:00Z", device="nobody"), "unknown-device"),
        (said(1, "2026-09-15T05:30:00Z", name="ozone"), "unknown-property"),
        (said("21", "2026-09-15T05:30:00Z"), "wrong-type"),
        (said(True, "2026-09-15T05:30:00Z"), "wrong-type"),
        (said(1, "2026-09-15T05:30:00Z", name="door"), "wrong-type"),
        (said("sideways", "2026-09-15T05:30:00Z", "post-1", "position"), "wrong-type"),
        (said(["up"], "2026-09-15T05:30:00Z", "post-1", "position"), "wrong-type"),
        (said(1001, "2026-09-15T05:30:00Z"), "absurd"),
        (said(-0.1, "2026-09-15T05:30:00Z"), "absurd"),
        (said(float("nan"), "2026-09-15T05:30:00Z"), "absurd"),
        (said(10**400, "2026-09-15T05:30:00Z"), "absurd"),
        (said(1, "2026-09-15T05:31:01Z"), "future"),
        (said(1, "2026-08-01T05:31:01Z"), "too-old"),
    ],
)  # fmt: skip
def test_what_cannot_be_believed_is_put_apart_and_stops_nothing(air, item, reason):
    outcome = observe([item, said(7)])
    assert reasons(outcome) == [reason]
    assert outcome.accepted == 1
    group = Quarantine.objects.get()
    assert (group.reason, group.count, group.held.count()) == (reason, 1, 1)


def test_a_clock_a_little_ahead_is_believed(air, still_clock):
    assert observe([said(1, still_clock + timedelta(seconds=59))]).accepted == 1


def test_the_shape_of_sensorthings_is_heard(air, still_clock):
    item = {
        "phenomenonTime": "2026-09-15T05:20:00Z/2026-09-15T05:30:00Z",
        "result": 12.5,
        "Datastream": {"@iot.id": "air-1/no2"},
        "resultQuality": "doubtful",
    }
    assert observe([item]).accepted == 1
    newest = Latest.objects.get(series=air["no2"])
    assert (newest.at, newest.value, newest.quality) == (milliseconds(still_clock), 12.5, 1)


def test_words_and_flags_are_kept_as_numbers_and_read_back(air, still_clock):
    observe([said("down", device="post-1", name="position"), said(True, name="door")])
    post = reading.find("post-1", "position")
    assert Latest.objects.get(series=post).value == 1
    assert Latest.objects.get(series=air["door"]).value == 1


def test_a_gateway_speaks_for_its_own_and_for_nobody_else(air):
    adele = worlds.person("adele")
    gateway, secret = catalogue.provision(adele, "gw-1")
    catalogue.provision(adele, "leaf-1", gateway="gw-1")
    catalogue.declare_series(adele, "leaf-1", [Spec("no2")])
    assert catalogue.bearer(secret) == gateway
    outcome = observe([said(1, device="leaf-1"), said(1)], speaker=gateway)
    assert (outcome.accepted, reasons(outcome)) == (1, ["unknown-device"])
    catalogue.retire(adele, "leaf-1")
    later = clock.service_now() - timedelta(seconds=1)
    assert reasons(observe([said(1, later, device="leaf-1")], speaker=gateway)) == ["retired"]
    catalogue.retire(adele, "gw-1")
    assert catalogue.bearer(secret) is None


def test_a_token_is_shown_once_and_renewed(air):
    adele = worlds.person("adele")
    _, secret = catalogue.provision(adele, "air-2")
    assert secret not in str(Device.objects.filter(code="air-2").values())
    _, other = catalogue.renew(adele, "air-2")
    assert catalogue.bearer(secret) is None
    assert catalogue.bearer(other).code == "air-2"
    with pytest.raises(Forbidden):
        catalogue.provision(worlds.person("denis"), "air-3")
    with pytest.raises(Refused, match="déjà ce code"):
        catalogue.provision(adele, "air-2")
    with pytest.raises(Refused, match="lettres sans accent"):
        catalogue.provision(adele, "capteur d'été")


def test_a_declared_series_keeps_its_kind(air):
    adele = worlds.person("adele")
    with pytest.raises(Refused, match="un autre type"):
        catalogue.declare_series(adele, "air-1", [Spec("no2", "flag")])
    with pytest.raises(Refused, match="borne basse"):
        catalogue.declare_series(adele, "air-1", [Spec("no2", low=5, high=1)])
    catalogue.declare_series(adele, "air-1", [Spec("no2", low=0, high=10)])
    assert reasons(observe([said(11)])) == ["absurd"]


def test_what_was_put_apart_is_taken_in_once_declared(air, still_clock):
    adele = worlds.person("adele")
    observe([said(n, still_clock - timedelta(seconds=n), "late-1") for n in range(5)])
    group = Quarantine.objects.get()
    assert (group.reason, group.count) == ("unknown-device", 5)
    catalogue.provision(adele, "late-1")
    catalogue.declare_series(adele, "late-1", [Spec("no2", low=0, high=3)])
    before = Event.objects.count()
    assert quarantine.release(adele, group.pk) == (4, 1)
    assert Event.objects.count() == before + 1
    assert Quarantine.objects.get().reason == "absurd"
    quarantine.dismiss(adele, Quarantine.objects.get().pk)
    assert not Held.objects.exists()


def test_the_quarantine_has_bounds(air, still_clock, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_GROUPS", 3)
    monkeypatch.setattr(quarantine, "MOST_HELD", 4)
    observe([said(1, device=f"ghost-{n}") for n in range(10)])
    assert Quarantine.objects.count() == 4
    assert sum(Quarantine.objects.values_list("count", flat=True)) == 10
    assert max(group.held.count() for group in Quarantine.objects.all()) <= 4


def test_watchers_see_each_observation_once_whatever_happens(air, still_clock):
    seen = []
    watching.deliver("first", seen.extend)  # from now on
    observe([said(n, still_clock - timedelta(seconds=n)) for n in range(3)])

    def falls(arrivals):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        watching.deliver("first", falls)
    assert watching.deliver("first", seen.extend) == 3
    observe([said(n, still_clock - timedelta(seconds=n)) for n in range(3)])  # sent again
    assert watching.deliver("first", seen.extend) == 0
    assert [row["value"] for row in seen] == [0, 1, 2]


def test_hours_are_packed_and_read_as_they_were(air, still_clock):
    batch = [said(n % 17 + 0.5, still_clock - timedelta(seconds=60 * n)) for n in range(600)]
    observe(batch)
    before = reading.between(air["no2"], still_clock - timedelta(days=1), still_clock + timedelta(seconds=1))
    assert keeping.pack() > 400
    assert Sample.objects.count() < 150
    after = reading.between(air["no2"], still_clock - timedelta(days=1), still_clock + timedelta(seconds=1))
    for one, other in zip(before, after, strict=True):
        assert one.tolist() == other.tolist()
    again = observe(batch)  # what is packed is still known
    assert (again.accepted, again.duplicates) == (0, 600)
    late = observe(
        [said(99, still_clock - timedelta(hours=5, seconds=7))]
    )  # and what comes late finds its place
    assert late.accepted == 1
    keeping.pack()
    assert 99 in reading.between(air["no2"], still_clock - timedelta(days=1), still_clock)[1]
    assert keeping.pack() == 0


def test_as_of_tells_what_was_known_at_a_moment(air, still_clock):
    observe([said(n, still_clock - timedelta(minutes=n)) for n in range(400)])
    keeping.pack()
    for minutes in (0, 3, 61, 200, 399):
        moment = still_clock - timedelta(minutes=minutes - 0.5)
        assert reading.as_of(moment)[air["no2"]].value == minutes, minutes
    assert air["no2"] not in reading.as_of(still_clock - timedelta(minutes=401))


def test_details_are_let_go_then_figures(air, still_clock):
    observe([said(n, still_clock - timedelta(hours=3, minutes=n)) for n in range(20)])
    keeping.pack()
    clock.simulate(still_clock + timedelta(days=keeping.RAW_DAYS, hours=1), rate=0)
    keeping.tidy()
    assert {bytes(body) for body in Block.objects.values_list("body", flat=True)} == {b""}
    at, values, qualities = reading.between(air["no2"], still_clock - timedelta(hours=9), still_clock)
    assert set(qualities.tolist()) == {reading.AGGREGATED}
    assert len(at) == len(values) == Block.objects.count()
    clock.simulate(still_clock + timedelta(days=keeping.FIGURE_DAYS + 2), rate=0)
    keeping.tidy()
    assert not Block.objects.exists()


def test_real_devices_live_in_the_time_of_a_fast_clock(air, still_clock):
    clock.simulate(worlds.TUESDAY, rate=10)
    now = clock.wall_now()
    assert observe([said(1, (now - timedelta(seconds=6)).isoformat())], wall=True).accepted == 1
    late = milliseconds(worlds.TUESDAY) - Latest.objects.get(series=air["no2"]).at
    assert 50_000 < late < 61_000


def test_tables_have_no_row_numbers_on_sqlite(air):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name IN ('intake_sample', 'intake_block')")
        assert all("WITHOUT ROWID" in sql for (sql,) in cursor.fetchall())


def test_a_batch_costs_the_same_queries_whatever_its_size(air, still_clock, django_assert_max_num_queries):
    observe([said(0)])
    with django_assert_max_num_queries(8):
        observe([said(n, still_clock - timedelta(seconds=n)) for n in range(1, 1000)])
    assert Arrival.objects.count() == 2


ITEM = st.one_of(
    st.none(),
    st.integers(),
    st.text(max_size=5),
    st.dictionaries(
        st.sampled_from(["device", "property", "value", "at", "quality", "result", "Datastream", "phenomenonTime"]),
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
            st.sampled_from(["air-1", "no2", "2026-09-15T05:29:00Z", "good"]),
            st.dictionaries(st.just("@iot.id"), st.sampled_from(["air-1/no2", "x", ""])),
            st.lists(st.integers(), max_size=2),
        ),
    ),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ITEM, max_size=6))
def test_whatever_is_sent_every_item_is_accounted_for(air, batch):
    before = sum(Quarantine.objects.values_list("count", flat=True))
    outcome = observe(json.loads(json.dumps(batch)))
    assert outcome.accepted + outcome.duplicates + len(outcome.faults) == len(batch)
    assert sum(Quarantine.objects.values_list("count", flat=True)) - before == len(outcome.faults)
