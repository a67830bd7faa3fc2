"""``georeport`` as it is on PyPI, on a live server: it only reads; what it reads is sent as the standard says."""

from __future__ import annotations

import re

import georeport
import pytest
import requests

from ressort.services.controlroom.reports.actions import handling
from ressort.services.controlroom.reports.models import Report
from tests.live import serving
from tests.services.controlroom.reports.conftest import here, make

pytestmark = pytest.mark.django_db
FORMS = pytest.mark.parametrize("form", ["json", "xml"])


@pytest.fixture
def address(town, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    with serving() as found:
        yield f"{found}/open311/v2"


def client(address, form):
    return georeport.GeoReport(address, jurisdiction="valmont.test", output_format=form)


@FORMS
def test_services_and_their_definitions(address, form):
    program = client(address, form)
    listed = program.get_service_list()
    assert [one["service_code"] for one in listed] == ["nid-de-poule", "eau"]
    assert {str(one["metadata"]).lower() for one in listed} == {"false"}
    definition = program.get_service_definition("eau")
    assert definition["service_code"] == "eau"
    assert not definition["attributes"], "a category asks for nothing more: metadata says so"
    with pytest.raises(requests.HTTPError) as refused:
        program.get_service_definition("none")
    assert refused.value.response.status_code == 404


@FORMS
def test_a_report_is_sent_and_read_again_by_its_number_and_its_dates(address, form, town):
    where = here()
    sent = requests.post(
        f"{address}/requests.{form}",
        data={
            "service_code": "nid-de-poule",
            "lat": f"{where.lat:.6f}",
            "long": f"{where.lon:.6f}",
            "description": "Un trou.",
        },
        timeout=20,
    )
    assert sent.status_code == 200
    number = re.search(r"r_[0-9a-f]+", sent.text)[0]
    other = make(category="eau")
    handling.show(town.oscar, number, shown=True)
    program = client(address, form)
    one = program.get_service_request(number)
    assert (one["service_request_id"], one["status"], one["service_code"]) == (number, "open", "nid-de-poule")
    assert one["description"] == "Un trou."
    assert float(one["lat"]) == pytest.approx(where.lat, abs=1e-5)

    def numbers(**query):
        found = program.get_service_requests(**query)
        return {row["service_request_id"] for row in (found if isinstance(found, list) else [found])}

    both = {number, other.report.pid}
    assert numbers() == both
    assert numbers(service_request_id=f"{number},{other.report.pid}") == both
    assert numbers(start_date="2026-09-01T00:00:00Z", end_date="2026-09-30T00:00:00Z") == both
    assert numbers(service_code="nid-de-poule", status="open") == {number}
    assert Report.objects.get(pid=number).origin == "api"
    with pytest.raises(requests.HTTPError) as refused:
        numbers(start_date="2020-01-01T00:00:00Z", end_date="2026-01-01T00:00:00Z")
    assert refused.value.response.status_code == 400


def test_nothing_found_is_an_empty_list(address, town):
    assert client(address, "json").get_service_requests(status="closed") == []
