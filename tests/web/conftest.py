"""What the tests of the pages stand on."""

from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(scope="session", autouse=True)
def _static_root():
    """Static files are served from an existing folder, as in any installation that was set up."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
