"""The pages of the drivers."""

from __future__ import annotations

import pytest

from ressort.services.controlroom.driving.models import Address, Wiring
from tests.services.controlroom.driving.conftest import HTTP
from tests.services.controlroom.equipment.test_pages import sign_in
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db


def test_an_administrator_declares_an_address_wires_a_post_and_tries_it(client, yard, server):
    sign_in(client, yard.adele)
    check(client.get("/console/poste/adresses/"))
    check(client.post("/console/poste/adresses/", {"name": "", "base": "x", "timeout": "a"}), 422)
    check(client.post("/console/poste/adresses/", {"name": "G", "base": "ftp://x", "timeout": "5"}), 422)
    answer = client.post("/console/poste/adresses/", {"name": "Gare", "base": server.url, "timeout": "2"})
    assert answer.status_code == 302
    address = Address.objects.get()
    check(client.get("/console/poste/adresses/"))
    check(client.get(f"/console/poste/adresses/{address.pid}/"))
    post = yard.asset()
    page = f"/console/poste/equipements/{post.pid}/pilote/"
    check(client.get(page))
    fields = {**HTTP, "driver": "http", "address": address.pid}
    tried = client.post(page, {**fields, "essayer": "1"})
    check(tried)
    assert "ABAISSER" in tried.content.decode()
    assert not Wiring.objects.exists()
    check(client.post(page, {**fields, "path": ""}), 422)
    assert client.post(page, fields).status_code == 302
    assert client.post(f"{page}lire/").status_code == 302
    shown = client.get(page)
    check(shown)
    assert "répond" in shown.content.decode()
    server.post.fault = "mute"
    client.post(f"{page}lire/")
    check(client.get(page))
    check(client.get(f"/console/poste/equipements/{post.pid}/"))
    assert client.post(f"/console/poste/adresses/{address.pid}/retirer/").status_code == 409
    assert client.post(page, {"driver": ""}).status_code == 302
    assert client.post(f"/console/poste/adresses/{address.pid}/retirer/").status_code == 302


def test_an_operator_does_not_touch_drivers(client, yard):
    sign_in(client, yard.oscar)
    assert client.get("/console/poste/adresses/").status_code == 403
    assert client.get(f"/console/poste/equipements/{yard.asset().pid}/pilote/").status_code == 403


def test_the_list_of_addresses_asks_little(client, yard, django_assert_max_num_queries):
    for number in range(12):
        yard.declare(f"https://10.0.0.{number + 1}", name=f"Passerelle {number}")
    sign_in(client, yard.adele)
    client.get("/console/poste/adresses/")
    with django_assert_max_num_queries(20):
        client.get("/console/poste/adresses/")
