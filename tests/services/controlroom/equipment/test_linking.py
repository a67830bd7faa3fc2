"""From a playbook's step to the command it names, and back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ressort.core.registry import capability
from ressort.services.controlroom.equipment import linking
from ressort.services.controlroom.equipment.models import Asset, Command

BACK = "/console/incidents/INC-2026-0001/#runs"


@pytest.mark.parametrize("order", ["abaisser", "Abaisser", "lower"])
def test_a_step_leads_to_the_form_and_back_to_the_incident(street, client, order):
    asset = Asset.objects.filter(kind="bollard").first()
    address = capability("equipment.command_link")(
        asset.code.upper(), order, reason="INC-2026-0001", back=BACK
    )
    client.force_login(street.oscar)
    page = client.get(address).content.decode()
    assert 'id="ordre-lower" open' in page
    assert 'value="INC-2026-0001"' in page
    assert f'href="{BACK}"' in page
    asked = parse_qs(urlsplit(address).query)
    done = client.post(
        f"/console/poste/equipements/{asset.pid}/commandes/lower/?retour={asked['retour'][0].replace('#', '%23')}",
        {"lower-reason": "INC-2026-0001", "lower-key": "k"},
    )
    assert (done.status_code, done["Location"]) == (302, BACK)
    street.later(5)
    assert Command.objects.get(asset=asset, verb="lower").state == "confirmed"


def test_what_is_not_known_has_no_address(street):
    link = capability("equipment.command_link")
    assert link("nulle-part", "abaisser", reason="x", back=BACK) is None
    bollard = Asset.objects.filter(kind="bollard").first()
    assert link(bollard.code, "danser", reason="x", back=BACK) is None


@pytest.mark.parametrize(
    "address", ["https://ailleurs.example/", "//ailleurs.example/console/", "/signaler/", "javascript:1", ""]
)
def test_the_way_back_stays_in_the_console(address):
    assert linking.way_back(address) == ""
