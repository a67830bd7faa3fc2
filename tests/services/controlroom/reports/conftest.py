"""A town whose streets can be reported on: two categories, an operator, another organisation."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from ressort.core.accounts.models import Organisation
from ressort.services.controlroom.reports.actions import making
from ressort.services.controlroom.reports.models import ReportCategory
from ressort.services.controlroom.reports.seen import Reach, Seen, Where
from ressort.web import throttle
from tests import worlds


@pytest.fixture(autouse=True)
def _fresh(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    throttle.clear()


@pytest.fixture
def town(still_clock) -> SimpleNamespace:
    """Return the categories, organisations and people that reports need."""
    worlds.reports()
    ours, water = (Organisation.objects.get(pid=pid) for pid in ("o_valmont", "o_eau"))
    hole, leak = (ReportCategory.objects.get(code=code) for code in ("nid-de-poule", "eau"))
    oscar = worlds.person("oscar")
    return SimpleNamespace(ours=ours, water=water, hole=hole, leak=leak, oscar=oscar)


def picture(size=(800, 600), kind="JPEG", **more) -> bytes:
    """Return a small picture as a phone would send it."""
    out = io.BytesIO()
    Image.new("RGB", size, (120, 90, 60)).save(out, kind, **more)
    return out.getvalue()


def here(column=2.0, row=3.0) -> Where:
    """Return a point of the town."""
    lon, lat = worlds.at(column, row)
    return Where(lon, lat)


def make(user=None, category="nid-de-poule", where=None, text="Un grand trou.", email="", phone="", **more):
    """Report something as a visitor does."""
    from django.contrib.auth.models import AnonymousUser

    return making.make(
        user or AnonymousUser(), Seen(category, where or here(), text), Reach(email, phone), **more
    )


def files(folder: Path) -> list[Path]:
    """Return the photos on the disk."""
    return list((folder / "photos").glob("*/*.jpg"))
