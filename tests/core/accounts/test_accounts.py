"""Signing in, links, tokens, roles: who may do what, and demo accounts that stay at home."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from ressort.core import clock
from ressort.core.accounts import actions, policy
from ressort.core.accounts.models import Membership, Token, User
from ressort.core.errors import Forbidden, Refused
from tests import worlds

pytestmark = pytest.mark.django_db
BACKEND = "ressort.core.accounts.backends.EmailBackend"


def test_signing_in_by_address_and_password_whatever_the_case():
    assert authenticate(email=" ROSA@valmont.test ", password=worlds.PASSWORD) == worlds.person("rosa")
    assert authenticate(email="rosa@valmont.test", password="wrong") is None
    assert authenticate(email="nobody@valmont.test", password="wrong") is None


def test_a_closed_account_does_not_sign_in():
    User.objects.filter(pid="p_rosa").update(is_active=False)
    assert authenticate(email="rosa@valmont.test", password=worlds.PASSWORD) is None


@pytest.mark.parametrize(
    ("meta", "opens"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "10.0.0.7"}, False),
        ({"REMOTE_ADDR": ""}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.7"}, False),
    ],
)
def test_demo_accounts_refuse_to_work_off_the_loopback_address(meta, opens, settings):
    settings.DEMO = True
    User.objects.filter(pid="p_rosa").update(is_demo=True)
    request = RequestFactory().get("/", **meta)
    found = authenticate(request, email="rosa@valmont.test", password=worlds.PASSWORD)
    assert (found is not None) is opens


def test_a_demo_session_carried_elsewhere_is_refused(client, settings):
    settings.DEMO = True
    User.objects.filter(pid="p_diane").update(is_demo=True)
    client.force_login(worlds.person("diane"), backend=BACKEND)
    assert client.get("/mon-espace/").status_code == 200
    assert client.get("/mon-espace/", REMOTE_ADDR="10.0.0.7").status_code == 403


def test_a_link_opens_once_and_not_for_long():
    secret = actions.sign_in_link("Rosa@valmont.test")
    assert secret
    assert not Token.objects.filter(digest=secret).exists(), "only its digest is kept"
    assert actions.consume_link(secret) == worlds.person("rosa")
    with pytest.raises(Refused, match="déjà servi"):
        actions.consume_link(secret)
    old = actions.sign_in_link("rosa@valmont.test")
    Token.objects.update(expires=clock.wall_now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        actions.consume_link(old)
    assert actions.sign_in_link("nobody@valmont.test") is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"email": "rosa"}, "bad-email"),
        ({"name": " "}, "bad-name"),
        ({"phone": "12"}, "bad-phone"),
        ({"password": "123"}, "weak-password"),
        ({"email": "ROSA@valmont.test"}, "email-taken"),
    ],
)
def test_an_account_is_checked_field_by_field(fields, code):
    with pytest.raises(Refused) as refused:
        actions.create(**{"email": "new@valmont.test", "name": "Nina", **fields})
    assert refused.value.code == code


def test_phone_numbers_are_kept_in_one_form():
    assert actions.clean_phone("06 12.34-56 78") == "+33612345678"
    assert actions.clean_phone("0033612345678") == "+33612345678"
    assert actions.clean_phone("") == ""


class Thing:
    def __init__(self, owner: str = "", organisation: int | None = None) -> None:
        self.owner_pid, self.organisation_id = owner, organisation


def test_scopes_own_organisation_any():
    rosa, denis, diane = (worlds.person(name) for name in ("rosa", "denis", "diane"))
    assert policy.allowed(rosa, "account.change", Thing("p_rosa"))
    assert not policy.allowed(rosa, "account.change", Thing("p_denis"))
    home = Membership.objects.get(user=diane).organisation_id
    assert policy.allowed(diane, "transport.tour.drive", Thing("p_x", home))
    assert not policy.allowed(diane, "transport.tour.drive", Thing("p_x", home + 1))
    assert policy.allowed(denis, "transport.tour.drive", Thing("p_denis"))
    assert policy.allowed(AnonymousUser(), "transport.trip.ask")
    with pytest.raises(Forbidden, match="Connectez-vous"):
        policy.authorise(AnonymousUser(), "journal.see")
    with pytest.raises(Forbidden, match="réservée"):
        policy.authorise(rosa, "journal.see")


def test_a_time_limited_access_ends():
    Membership.objects.filter(user__pid="p_diane").update(until=clock.wall_now() - timedelta(seconds=1))
    assert not policy.allowed(worlds.person("diane"), "journal.see")


def test_a_programs_token_is_its_persons_until_it_ends():
    secret = actions.make_token(worlds.person("rosa"), "essai")
    assert actions.bearer(secret) == worlds.person("rosa")
    assert actions.bearer("rst_other") is None
    Token.objects.update(expires=clock.wall_now() - timedelta(seconds=1))
    assert actions.bearer(secret) is None
