"""What the tests of the administration stand on."""

import pytest

from ressort.core.accounts.models import User
from ressort.web import throttle
from tests import worlds

ROOT = "/console/administration"


@pytest.fixture(autouse=True)
def _fresh():
    throttle.clear()


@pytest.fixture
def adele(client, still_clock) -> User:
    """The administrator of the town, signed in."""
    found = worlds.person("adele")
    client.force_login(found)
    return found
