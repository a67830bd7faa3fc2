"""GeoReport v2 from the text of the standard: each resource in both formats, its bounds, its errors, and nothing ever 500."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ressort.core import clock
from ressort.core.accounts import actions as accounts
from ressort.services.controlroom.reports.actions import handling, making
from ressort.services.controlroom.reports.models import Report
from ressort.services.controlroom.reports.open311.asking import MOST, SPAN
from ressort.services.controlroom.reports.open311.writing import document
from ressort.web import throttle
from tests import worlds
from tests.services.controlroom.reports.conftest import here, make, picture

pytestmark = pytest.mark.django_db
W3 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
REQUEST = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
]  # fmt: skip
POINT = {"lat": f"{here().lat:.6f}", "long": f"{here().lon:.6f}"}


@pytest.fixture
def program(town) -> Client:
    """A client that keeps no cookie and is checked for forged forms: the standard's own way must pass all the same."""
    return Client(enforce_csrf_checks=True)


def read(client, path, expected=200, /, **query):
    """Return an answer as plain values, whatever its format."""
    answer = client.get(f"/open311/v2/{path}", query)
    assert answer.status_code == expected, answer.content
    return plain(answer, path)


def plain(answer, path):
    if path.endswith(".json"):
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        return json.loads(answer.content)
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    return ET.fromstring(answer.content)  # noqa: S314 - our own bytes


def send(client, form="json", status=200, **data):
    path = f"/open311/v2/requests.{form}"
    answer = client.post(path, data, content_type="application/x-www-form-urlencoded") if isinstance(data, str) else client.post(path, data)  # fmt: skip
    assert answer.status_code == status, answer.content
    return plain(answer, path)


def test_discovery_says_where_and_in_which_formats(program):
    found = read(program, "discovery.json")
    (endpoint,) = found["endpoints"]
    assert endpoint["url"].endswith("/open311/v2")
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert W3.fullmatch(found["changeset"])
    root = read(program, "discovery.xml")
    assert root.tag == "discovery"
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == [
        "text/xml",
        "application/json",
    ]


def test_services_in_both_formats(program):
    found = read(program, "services.json")
    assert [one["service_code"] for one in found] == ["nid-de-poule", "eau"]
    for one in found:
        assert one["metadata"] is False
        assert one["type"] == "realtime"
        assert all(one[name] for name in ("service_name", "description", "keywords", "group"))
    root = read(program, "services.xml", jurisdiction_id="dijon.fr")
    assert root.tag == "services"
    assert [one.findtext("service_code") for one in root.findall("service")] == ["nid-de-poule", "eau"]
    assert {one.findtext("metadata") for one in root} == {"false"}


def test_a_service_that_needs_nothing_more_has_an_empty_definition(program):
    assert read(program, "services/eau.json") == {"service_code": "eau", "attributes": []}
    root = read(program, "services/eau.xml")
    assert (root.tag, root.findtext("service_code")) == ("service_definition", "eau")
    assert read(program, "services/none.json", 404)[0]["code"] == 404
    assert read(program, "services/none.xml", 404).findtext("error/code") == "404"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_program_sends_a_report_then_reads_it(program, form):
    made = send(program, form, service_code="nid-de-poule", **POINT, description="Un trou\nprofond.", email="eve@exemple.fr",
                first_name="Ève", last_name="Bourg", phone="0612345678", device_id="x", account_id="y", api_key="",
                jurisdiction_id="v")  # fmt: skip
    report = Report.objects.get()
    if form == "json":
        assert made[0]["service_request_id"] == report.pid
        assert making.follower(made[0]["service_notice"].split(" : ")[1].rstrip(".")).name == "Ève Bourg"
        assert made[0]["account_id"] is None
        assert "token" not in made[0]
    else:
        assert made.findtext("request/service_request_id") == report.pid
        assert made.find("request/account_id").text is None
    assert (report.origin, report.words.text) == ("api", "Un trou\nprofond.")
    (found,) = read(program, f"requests/{report.pid}.json")
    assert list(found) == REQUEST
    assert (found["status"], found["lat"], found["long"]) == ("open", report.lat, report.lon)
    assert found["description"] is None, "nobody has read it yet"
    assert all(W3.fullmatch(found[name]) for name in REQUEST if name.endswith("_datetime"))
    root = read(program, f"requests/{report.pid}.xml")
    assert [one.tag for one in root.find("request")] == REQUEST


def test_words_and_photo_once_published_or_for_those_who_may(program, town):
    one = make(photo=picture())
    key = accounts.make_token(town.oscar, "essai")
    assert read(program, "requests.json")[0]["media_url"] is None
    for query in ({"api_key": key},):
        found = read(program, "requests.json", **query)[0]
        assert (found["description"], found["media_url"][-9:]) == ("Un grand trou.", "photo.jpg")
    assert read(program, "requests.json", api_key="rst_wrong")[0]["description"] is None
    handling.show(town.oscar, one.report.pid, shown=True)
    assert read(program, "requests.json")[0]["description"] == "Un grand trou."


def test_a_photo_comes_as_a_file_and_an_address_is_only_written_down(program, town):
    send(program, service_code="eau", **POINT, media=SimpleUploadedFile("p.jpg", picture(), "image/jpeg"))
    assert Report.objects.get().photo.width == 800
    send(program, service_code="eau", **POINT, media_url="http://127.0.0.1:1/x.jpg")
    assert Report.objects.latest("pk").words.text == "http://127.0.0.1:1/x.jpg"


def test_an_address_in_words_is_enough(program, town):
    send(program, service_code="eau", address_string="Rue Bravo")
    assert "Bravo" in Report.objects.get().address


def test_a_key_lifts_the_bound_and_a_wrong_one_is_refused(program, town):
    key = accounts.make_token(town.oscar, "essai")
    for _ in range(11):
        send(program, service_code="eau", **POINT, api_key=key)
    assert send(program, status=403, service_code="eau", **POINT, api_key="xyz")[0]["code"] == 403
    for _ in range(10):
        send(program, service_code="eau", **POINT)
    assert "Trop d'essais" in send(program, status=400, service_code="eau", **POINT)[0]["description"]
    assert Report.objects.filter(actor="p_oscar").count() == 11


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        ({}, 400, "service_code"),
        ({"service_code": "none", **POINT}, 404, "n'existe pas"),
        ({"service_code": "eau"}, 400, "Dites où"),
        ({"service_code": "eau", "lat": "47"}, 400, "Dites où"),
        ({"service_code": "eau", "lat": "abc", "long": "5"}, 400, "longitude"),
        ({"service_code": "eau", "lat": "0", "long": "0"}, 400, "hors du territoire"),
        ({"service_code": "eau", "address_string": "zzzz qqqq"}, 400, "n'a pas été trouvé"),
        ({"service_code": "eau", **POINT, "email": "eve"}, 400, "adresse électronique"),
        ({"service_code": "eau", **POINT, "phone": "111"}, 400, "téléphone"),
        ({"service_code": "eau", **POINT, "description": "a" * 4001}, 400, "4000"),
        ({"service_code": "eau", **POINT, "media": SimpleUploadedFile("x", b"no")}, 400, "JPEG"),
    ],
)
def test_what_is_wrong_is_said_in_the_standards_own_form(program, data, status, said):
    throttle.clear()
    (error,) = send(program, status=status, **data)
    assert error["code"] == status
    assert said in error["description"]
    assert not Report.objects.exists()


def test_lists_by_number_category_status_and_time(program, town, still_clock):
    old, one = make().report, None
    clock.simulate(still_clock + timedelta(days=30), rate=0)
    one, two = make(category="eau").report, make().report
    handling.refuse(town.oscar, two.pid, "private", "C'est la cour.")

    def ids(**query):
        return {found["service_request_id"] for found in read(program, "requests.json", **query)}

    assert ids() == {old.pid, one.pid, two.pid}
    assert ids(status="open") == {old.pid, one.pid}
    assert ids(status="closed") == {two.pid}
    assert ids(status="open,closed") == ids(status="")
    assert ids(service_code="eau") == {one.pid}
    assert ids(service_code="eau,nid-de-poule") == {old.pid, one.pid, two.pid}
    assert ids(service_code="") == ids()
    assert ids(service_request_id=f"{old.pid},{two.pid},r_none", status="open") == {old.pid, two.pid}
    assert ids(start_date="2026-10-01T00:00:00Z") == {one.pid, two.pid}
    assert ids(end_date="2026-10-01T00:00:00+02:00") == {old.pid}
    assert ids(start_date="2026-09-01T00:00:00Z", end_date="2026-09-30T00:00:00Z") == {old.pid}
    assert ids(start_date="2027-01-01T00:00:00Z") == set()
    closed = next(r for r in read(program, "requests.json", status="closed"))
    assert "lieu privé – C'est la cour." in closed["status_notes"]
    root = read(program, "requests.xml", status="closed")
    assert [r.findtext("service_request_id") for r in root.findall("request")] == [two.pid]
    clock.simulate(still_clock + SPAN + timedelta(days=1), rate=0)
    assert ids() == {one.pid, two.pid}, "the last ninety days"


@pytest.mark.parametrize(
    "query",
    [
        {"status": "done"},
        {"start_date": "hier"},
        {"end_date": "2026-13-01"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"start_date": "9999-12-31T00:00:00Z"},
        {"start_date": "0001-01-01T00:00:00+14:00"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-09-01T00:00:00Z"},
    ],
)
def test_questions_that_cannot_be_answered_are_400(program, query):
    assert read(program, "requests.json", 400, **query)[0]["code"] == 400


def test_an_answer_has_at_most_a_thousand_requests_and_few_queries(
    program, town, django_assert_max_num_queries
):
    rows = [
        Report(category=town.hole, organisation=town.ours, at=worlds.TUESDAY, due=worlds.TUESDAY, updated=worlds.TUESDAY,
               lon=5, lat=47, origin="portal", actor="public")
        for _ in range(MOST + 3)
    ]  # fmt: skip
    Report.objects.bulk_create(rows)
    with django_assert_max_num_queries(6):
        assert len(read(program, "requests.json")) == MOST


def test_tokens_lead_to_requests(program, town):
    one = make()
    for token in (one.report.pid, one.code):
        (found,) = read(program, f"tokens/{token}.json")
        assert found == {"service_request_id": one.report.pid, "token": token}
    assert read(program, "tokens/ZZZ.xml", 404).tag == "errors"
    assert read(program, "tokens.json", 400)[0]["code"] == 400


@pytest.mark.parametrize(
    "path",
    ["", "services", "services.csv", "things.xml", "discovery/x.xml", "a/b/c.json", "requests/x/y.xml"],
)
def test_an_unknown_address_is_404(program, path):
    answer = program.get(f"/open311/v2/{path}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("post", "services.xml"), ("put", "requests.json"), ("delete", "requests/x.xml")]
)
def test_another_method_is_refused(program, method, path):
    answer = getattr(program, method)(f"/open311/v2/{path}")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_bodies_that_cannot_be_read_are_400(program):
    path = "/open311/v2/requests.json"
    for body, kind in (
        (b"--x\r\ncut", "multipart/form-data; boundary=x"),
        (b"\xff\xfe=%zz&&&=", "application/x-www-form-urlencoded"),
        (b"a=1", "application/x-www-form-urlencoded; charset=utf-7"),
        (b"{}", "application/json"),
        (b"&".join(b"a%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    ):
        answer = program.post(path, body, content_type=kind)
        assert answer.status_code == 400, kind
        assert json.loads(answer.content)[0]["code"] == 400


def test_a_session_counts_for_nothing(town):
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.oscar, backend="ressort.core.accounts.backends.EmailBackend")
    make()
    assert read(client, "requests.json")[0]["description"] is None
    send(client, service_code="eau", **POINT)
    assert Report.objects.latest("pk").actor == "public"


# ------------------------------------------------------------------ fuzzing

TEXT = st.text(max_size=60) | st.sampled_from(
    ["", "eau", "open", "2026-09-15T00:00:00Z", "47.3", "\x00", "é", "𝄞", "]]>", "&lt;"]
)
NAMES = st.sampled_from(["service_code", "lat", "long", "address_string", "address_id", "email", "phone", "first_name",
                         "description", "media_url", "api_key", "attribute[X]", "jurisdiction_id"])  # fmt: skip
FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@given(st.dictionaries(NAMES, TEXT, max_size=9), st.sampled_from(["xml", "json"]))
@example({"service_code": "eau", **POINT, "description": "\x00\x01\ud7ff]]>&"}, "xml")
@example({"service_code": "eau\x00"}, "xml")
@FUZZ
def test_nothing_posted_is_a_server_error(program, data, form):
    throttle.clear()
    answer = program.post(f"/open311/v2/requests.{form}", data)
    assert answer.status_code in {200, 400, 403, 404}
    plain(answer, form if form == "xml" else ".json")


@given(
    st.dictionaries(
        st.sampled_from(["service_request_id", "service_code", "start_date", "end_date", "status", "api_key"]), TEXT, max_size=6
    ),
    st.sampled_from(["requests", "services", "discovery", "requests/x", "tokens/x", "services/é"]),
    st.sampled_from(["xml", "json"]),
)  # fmt: skip
@FUZZ
def test_nothing_asked_is_a_server_error(program, query, what, form):
    answer = program.get(f"/open311/v2/{what}.{form}", query)
    assert answer.status_code in {200, 400, 404}
    plain(answer, f".{form}")


@given(st.text(max_size=80))
@FUZZ
def test_no_address_is_a_server_error(program, path):
    from urllib.parse import quote

    assert program.get(f"/open311/v2/{quote(path, safe='/.')}").status_code in {200, 301, 302, 400, 404}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.dictionaries(st.sampled_from(["a", "b"]), inner),
    )
)
@FUZZ
def test_every_value_makes_well_formed_xml(value):
    root = ET.fromstring(document("root", value, "xml"))  # noqa: S314 - our own bytes
    assert root.tag == "root"
    assert [child.tag for child in root] == list(value if isinstance(value, dict) else ())
