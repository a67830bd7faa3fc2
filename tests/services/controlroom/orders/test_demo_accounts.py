"""On the sign-in page of a demonstration, somebody of a crew is said to be of that crew, and led to its page."""

from __future__ import annotations

import pytest

from ressort.core.accounts.models import User
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db


def test_a_crew_is_named_and_its_page_offered(client, settings, town):
    settings.DEMO = True
    User.objects.filter(pid__in=[town.vera.pid, town.oscar.pid]).update(is_demo=True)
    page = client.get("/connexion/")
    check(page)
    shown = {person.name: (role, address) for person, role, address in page.context["demo_accounts"]}
    assert shown["Vera Martin"] == ("Équipe Voirie nord", "/equipe/")
    assert shown["Oscar Martin"] == ("Opérateur", "")
    assert "?next=%2Fequipe%2F" in page.content.decode()
    done = client.post(
        "/connexion/?next=/equipe/", {"email": town.vera.email, "password": "x", "next": "/equipe/"}
    )
    assert b'value="/equipe/"' in done.content
