"""Reporting something: what is kept, what is refused and in which words, « moi aussi », who may look."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ressort.core.accounts.mandate import OnBehalf
from ressort.core.errors import Forbidden, Refused
from ressort.core.journal.models import Event
from ressort.services.controlroom.reports import photos, queries, seen
from ressort.services.controlroom.reports.actions import handling, making
from ressort.services.controlroom.reports.models import Follower, Report
from ressort.services.controlroom.reports.seen import Reach, Where
from tests import worlds
from tests.services.controlroom.reports.conftest import files, here, make, picture

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def events(kind):
    return Event.objects.filter(kind__startswith=kind)


def test_a_report_is_kept_with_its_delay_and_one_event(town, still_clock):
    one = make(email="Eve@Exemple.fr")
    report = one.report
    assert (report.state, report.organisation, report.due) == (
        "received",
        town.ours,
        still_clock + timedelta(days=10),
    )
    assert (one.first, one.email, one.owner_pid) == (True, "eve@exemple.fr", "")
    assert report.words.text == "Un grand trou."
    assert report.address
    (event,) = events("controlroom.")
    assert (event.kind, event.subject, event.actor) == ("controlroom.report.received", report.pid, "public")
    assert "trou." not in event.payload
    assert "exemple" not in event.payload


def test_the_same_key_gives_the_same_report(town):
    assert make(key="k").pk == make(key="k").pk
    assert Report.objects.count() == events("controlroom.").count() == 1


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"category": "inconnue"}, "no-category", "category"),
        ({"category": ""}, "no-category", "category"),
        ({"where": Where(5.9, 45.1)}, "outside", "where"),
        ({"where": Where(float("nan"), 45.1)}, "bad-point", "where"),
        ({"text": "a" * 4001}, "long-text", "text"),
        ({"email": "eve"}, "bad-email", "email"),
        ({"phone": "12"}, "bad-phone", "phone"),
        ({"photo": b"GIF89a..."}, "bad-photo", "photo"),
        ({"photo": b"\xff\xd8\xff\xe0 cut"}, "bad-photo", "photo"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(town, change, code, field):
    with pytest.raises(Refused) as refused:
        make(**change)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert Report.objects.count() == 0


def test_a_category_put_aside_cannot_be_chosen(town):
    town.hole.active = False
    town.hole.save()
    with pytest.raises(Refused, match="Choisissez dans la liste"):
        make()


def test_a_place_is_found_by_words_by_point_or_not(town):
    street = queries.place_of(make().report).split(",")[0]
    assert seen.where(street).label
    assert seen.where(lon=str(here().lon), lat=str(here().lat)).lat == here().lat
    for asked in ({"text": ""}, {"text": "zzzz qqqq"}, {"lon": "a", "lat": "b"}, {"place": "x"}):
        with pytest.raises(Refused) as refused:
            seen.where(**asked)
        assert refused.value.field == "where"


# ------------------------------------------------------------------ photos


def exif(**tags):
    found = Image.Exif()
    for tag, value in tags.items():
        found[int(tag[1:])] = value
    return found


def test_a_photo_is_drawn_again_without_what_the_device_wrote(town, tmp_path):
    told = exif(_271="Fairphone", _306="2026:09:15 07:30:00", _274=6)
    told.get_ifd(0x8825)[1] = "N"
    told.get_ifd(0x8825)[2] = (47.0, 19.0, 12.0)
    sent = picture((2400, 1200), exif=told, comment=b"secret note")
    assert b"Fairphone" in sent
    assert b"secret note" in sent
    one = make(photo=sent)
    (file,) = files(tmp_path)
    data = file.read_bytes()
    assert b"Fairphone" not in data
    assert b"secret note" not in data
    kept = Image.open(io.BytesIO(data))
    assert not kept.getexif()
    assert kept.size == (800, 1600), "upright, and no side above the bound"
    assert (one.report.photo.width, one.report.photo.height) == kept.size


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_become_jpeg(kind):
    found = photos.drawn(picture(kind=kind))
    assert found.data.startswith(b"\xff\xd8\xff")


def test_a_transparent_png_is_taken():
    out = io.BytesIO()
    Image.new("P", (20, 20)).save(out, "PNG")
    assert photos.drawn(out.getvalue()).width == 20


def test_too_many_bytes_or_pixels_are_refused(monkeypatch):
    with pytest.raises(Refused, match="12 Mo"):
        photos.drawn(b"\xff\xd8\xff" + bytes(photos.MOST_BYTES))
    monkeypatch.setattr(photos, "MOST_PIXELS", 1000)
    with pytest.raises(Refused, match="JPEG, PNG ou WebP"):
        photos.drawn(picture())


@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\x00\x00\x00WEBP"]),
    st.binary(max_size=400),
)
@settings(max_examples=60, deadline=None)
def test_bytes_that_only_begin_like_a_picture_are_refused_in_words(sign, rest):
    with pytest.raises(Refused) as refused:
        photos.drawn(sign + rest)
    assert refused.value.code == "bad-photo"


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_picture_spoiled_anywhere_is_read_or_refused(data):
    good = bytearray(picture((64, 48), kind=data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = photos.drawn(bytes(good))
    except Refused:
        return
    assert found.data.startswith(b"\xff\xd8")


def test_files_that_no_row_knows_are_tidied_in_time(town, tmp_path):
    make(photo=picture())
    stray = photos.keep(photos.drawn(picture()))
    assert photos.tidy() == 0, "it may belong to a transaction still open"
    import os

    os.utime(photos.path(stray), (0, 0))
    assert photos.tidy() == 1
    assert len(files(tmp_path)) == 1
    with pytest.raises(ValueError, match="not the name"):
        photos.path("../../secret.key")


# ------------------------------------------------------------------ the same thing


def test_what_is_close_and_alike_is_proposed_nearest_first(town):
    far, alike = make(where=here(2.0, 5.0)), make(where=here(2.05, 3.0))
    other = make(category="eau", where=here(2.0, 3.0))
    closed = make(where=here(2.0, 3.0))
    handling.finish(town.oscar, closed.report.pid)
    found = queries.near(here().lon, here().lat, town.hole)
    assert [one.report.pk for one in found] == [other.report.pk, alike.report.pk]
    assert far.report.pk not in {one.report.pk for one in found}


@given(
    st.lists(st.tuples(st.floats(-0.002, 0.002), st.floats(-0.002, 0.002), st.booleans()), max_size=12),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_near_agrees_with_looking_at_everything(town, moved):
    from ressort.engines.geodesy import distance

    Follower.objects.all().delete()
    for report in Report.objects.all():
        report.steps.all().delete()
    Report.objects.all().delete()
    centre = here()
    rows = [
        Report(
            category=town.hole if same else town.leak, organisation=town.ours, at=worlds.TUESDAY, due=worlds.TUESDAY,
            updated=worlds.TUESDAY, lon=centre.lon + dx, lat=centre.lat + dy, origin="portal", actor="public",
        )
        for dx, dy, same in moved
    ]  # fmt: skip
    Report.objects.bulk_create(rows)
    found = {one.report.pid for one in queries.near(centre.lon, centre.lat, town.hole, limit=99)}
    wanted = {
        row.pid
        for row in rows
        if distance(centre.lon, centre.lat, row.lon, row.lat)
        <= (queries.NEAR if row.category_id == town.hole.pk else queries.HERE)
    }
    assert found == wanted


def test_me_too_counts_and_follows_by_a_code_of_its_own(town):
    one = make()
    two = making.support(NOBODY, one.report.pid, Reach("luc@exemple.fr"))
    assert two.code != one.code
    assert making.find(one.report.pid).supporters == 2
    assert events("controlroom.report.supported").count() == 1


def test_an_account_follows_once_and_an_address_gives_no_code_of_others(town):
    rosa = worlds.person("rosa")
    one = make(email="eve@exemple.fr")
    first = making.support(rosa, one.report.pid, Reach())
    assert making.support(rosa, one.report.pid, Reach()).pk == first.pk
    assert making.support(NOBODY, one.report.pid, Reach("eve@exemple.fr")).code != one.code


def test_me_too_on_what_is_closed_is_refused(town):
    one = make()
    handling.finish(town.oscar, one.report.pid)
    with pytest.raises(Refused, match="est clos"):
        making.support(NOBODY, one.report.pid, Reach())


# ------------------------------------------------------------------ for somebody else


def test_an_agent_reports_for_somebody(town):
    agathe = worlds.person("agathe")
    one = make(agathe, behalf=OnBehalf("paper", "relative", "courrier 12"), phone="0612345678")
    assert (one.report.origin, one.report.mandate, one.owner_pid) == ("paper", "relative", "")
    assert (one.reference, one.phone) == ("courrier 12", "+33612345678")
    event = events("controlroom.report.received").get()
    assert '"typed_by":"p_agathe"' in event.payload.replace(" ", "")
    assert "courrier" not in event.payload


def test_a_visitor_may_not_report_for_somebody(town):
    with pytest.raises(Forbidden):
        make(behalf=OnBehalf("phone"))


def test_a_code_is_read_however_it_is_typed(town):
    one = make()
    assert making.follower(one.code.lower().replace("-", " ")).pk == one.pk
    with pytest.raises(Refused, match="neuf caractères"):
        making.follower("ZZZ-ZZZ-ZZZ")
