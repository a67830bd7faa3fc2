"""The installation's own row: what it says, who may change it, and the wall between a demonstration and the real thing."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.test import Client

from ressort.core.accounts import actions as accounts
from ressort.core.accounts.models import Membership, Organisation, User
from ressort.core.errors import Forbidden, Refused
from ressort.core.installation import actions, beginning, branding, reading
from ressort.core.installation.models import Installation
from ressort.core.journal.models import Event
from tests import worlds

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z" fill="#123456"/></svg>'
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    + (64).to_bytes(4, "big") * 2
    + b"\x08\x06\x00\x00\x00"
    + b"\x00" * 20
    + b"IEND\xaeB`\x82"
)


def test_a_change_is_told_once_with_the_fields_alone():
    adele = worlds.person("adele")
    actions.change(adele, name="Valmont", phone="03 53 01 21 00", accent="#0A6266")
    event = Event.objects.order_by("-seq")[0]
    assert (event.kind, event.payload) == ("installation.changed", '{"fields":["accent","name","phone"]}')
    seq = event.seq
    actions.change(adele, name="Valmont")
    assert Event.objects.order_by("-seq")[0].seq == seq
    assert (reading.name(), reading.phone(), reading.accent()) == ("Valmont", "+33353012100", "#0a6266")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "bad-name"),
        ({"name": "x" * 121}, "bad-name"),
        ({"phone": "12"}, "bad-phone"),
        ({"email": "mairie"}, "bad-email"),
        ({"accent": "rouge"}, "bad-accent"),
        ({"languages": ["tlh"]}, "no-language"),
        ({"legal": "x" * 20_001}, "too-long"),
    ],
)
def test_each_field_is_checked(fields, code):
    with pytest.raises(Refused) as refused:
        actions.change(worlds.person("adele"), **fields)
    assert refused.value.code == code
    assert refused.value.field == next(iter(fields))


@pytest.mark.parametrize("who", ["diane", "rosa"])
def test_only_an_administrator_changes_it(who):
    with pytest.raises(Forbidden):
        actions.change(worlds.person(who), name="À moi")
    with pytest.raises(Forbidden):
        actions.finish(worlds.person(who))


def test_the_environment_comes_first(settings):
    actions.change(worlds.person("adele"), name="Valmont", accent="#112233")
    settings.TERRITORY_NAME, settings.PHONE, settings.ACCENT = "Autre", "01 02 03 04 05", "#445566"
    assert (reading.name(), reading.phone(), reading.accent()) == ("Autre", "01 02 03 04 05", "#445566")


def test_it_is_kept_in_memory_until_it_changes(django_assert_num_queries):
    reading.current()
    with django_assert_num_queries(0):
        reading.current()
        reading.is_finished()
    actions.change(worlds.person("adele"), name="Autre nom")
    assert reading.current().name == "Autre nom"


def test_the_languages_and_services_offered_are_kept_to():
    adele, page = worlds.person("adele"), Client()
    assert b'lang="en"' in page.get("/", headers={"Accept-Language": "en"}).content
    actions.change(adele, languages=["fr"], services=[])
    answer = page.get("/", headers={"Accept-Language": "en"})
    assert b'<html lang="fr"' in answer.content
    assert b'name="language"' not in answer.content
    assert "Me déplacer" not in answer.content.decode()
    assert page.get("/transport/").status_code == 404
    assert page.get("/api/v1/transport/stops.geojson").status_code == 404
    page.force_login(worlds.person("denis"))
    assert page.get("/transport/conducteur/").status_code != 404
    page.force_login(adele)
    assert page.get("/transport/").status_code == 200


# ------------------------------------------------------------------ the logo


@pytest.mark.parametrize("data", [SVG, PNG, b'<?xml version="1.0"?>' + SVG])
def test_a_plain_logo_is_kept_and_given_out_safely(client, data):
    actions.change(worlds.person("adele"), logo=data)
    page = client.get("/").content.decode()
    name = Installation.objects.get().logo
    assert f"/logo/{name}" in page
    answer = client.get(f"/logo/{name}")
    assert answer.content == data
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/logo/secret.key").status_code == 404
    actions.change(worlds.person("adele"), no_logo=True)
    assert client.get(f"/logo/{name}").status_code == 404


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>alert(1)</script>",
        b'<path onload="x()"/>',
        b"<foreignObject/>",
        b'<a href="https://ailleurs.example/"><path/></a>',
        b'<use href="https://ailleurs.example/a.svg#x"/>',
        b'<image href="data:image/svg+xml;base64,AAAA"/>',
        b'<path style="fill:url(https://ailleurs.example/)"/>',
        b"<style>@import 'https://ailleurs.example/a.css'</style>",
        b'<animate attributeName="href" values="javascript:x()"/>',
        b'<h:script xmlns:h="http://www.w3.org/1999/xhtml">x()</h:script>',
        b"<path>",
    ],
)
def test_an_svg_that_could_act_is_refused(inside):
    data = SVG.replace(b"</svg>", inside + b"</svg>")
    with pytest.raises(Refused) as refused:
        branding.check(data)
    assert refused.value.code == "bad-logo"


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a",
        b"",
        PNG[:30],
        PNG.replace((64).to_bytes(4, "big"), (9000).to_bytes(4, "big")),
        SVG + b" " * 300_000,
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
        b"<html><svg/></html>",
    ],
)
def test_what_is_no_logo_is_refused(data):
    with pytest.raises(Refused, match="ne peut pas servir"):
        branding.check(data)


def test_an_svg_keeps_its_own_references_and_its_programs_notes():
    inside = b'<defs><linearGradient id="a"/></defs><path style="fill:url(#a)"/><i:view xmlns:i="http://www.inkscape.org/"/><use href="#a"/>'
    assert branding.check(SVG.replace(b"</svg>", inside + b"</svg>")) == ".svg"


# ------------------------------------------------------------------ demonstration and real installation


def test_a_real_installation_refuses_the_demonstration():
    with pytest.raises(Refused, match="installation réelle"):
        reading.refuse_real()
    reading.refuse_demo()


def test_a_demonstration_refuses_to_be_served_as_real():
    Installation.objects.update(demo=True)
    with pytest.raises(Refused, match="démonstration"):
        reading.refuse_demo()
    reading.refuse_real()


def test_an_installation_only_begun_is_real_already():
    Installation.objects.update(finished=None, begun=None)
    with pytest.raises(Refused):
        reading.refuse_real()
    Installation.objects.all().delete()
    reading.refuse_real()
    reading.refuse_demo()


def test_a_demonstrations_accounts_open_nothing_in_a_real_installation(settings):
    rosa = worlds.person("rosa")
    page = Client()
    page.force_login(rosa, backend="ressort.core.accounts.backends.EmailBackend")
    secret, link = accounts.make_token(rosa, "essai"), accounts.sign_in_link(rosa.email)
    User.objects.filter(pk=rosa.pk).update(is_demo=True)
    assert authenticate(email=rosa.email, password=worlds.PASSWORD) is None
    assert page.get("/mon-espace/").status_code == 302
    assert accounts.bearer(secret) is None
    assert accounts.sign_in_link(rosa.email) is None
    with pytest.raises(Refused):
        accounts.consume_link(link)
    settings.DEMO = True
    assert authenticate(email=rosa.email, password=worlds.PASSWORD) is not None
    assert accounts.consume_link(link) == rosa


@pytest.mark.parametrize("demo", [True, False])
def test_what_lives_already_is_adopted_by_the_migration(demo):
    Installation.objects.all().delete()
    User.objects.filter(pid="p_rosa").update(is_demo=demo)
    step = importlib.import_module("ressort.core.installation.migrations.0002_what_is_there")
    step.adopt(apps, SimpleNamespace())
    found = Installation.objects.get()
    assert (found.demo, found.finished is not None) == (demo, True)


def test_nothing_is_adopted_from_an_empty_database():
    Installation.objects.all().delete()
    Membership.objects.all().delete()
    step = importlib.import_module("ressort.core.installation.migrations.0002_what_is_there")
    people = SimpleNamespace(objects=User.objects.none())
    step.adopt(SimpleNamespace(get_model=lambda app, model: people), None)
    assert not Installation.objects.exists()


# ------------------------------------------------------------------ the beginning


def test_there_is_one_first_administrator():
    with pytest.raises(Refused, match="déjà un administrateur"):
        beginning.new_code()
    with pytest.raises(Refused, match="déjà un administrateur"):
        beginning.administrator("eve@exemple.fr", "Ève")
    assert not User.objects.filter(email="eve@exemple.fr").exists()


def test_without_password_the_first_administrator_receives_a_link():
    Membership.objects.filter(role="administrator").delete()
    user, secret = beginning.administrator("eve@exemple.fr", "Ève")
    assert accounts.is_invitation(secret)
    assert accounts.consume_link(secret) == user
    assert Organisation.objects.get(memberships__user=user).pid == "o_valmont"
    assert Event.objects.filter(kind="installation.begun", subject=user.pid).count() == 1
