"""A town whose streets can be reported on: two categories, an operator, another organisation."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from ressort.core.accounts.models import Membership, Organisation, User
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
    ours = Organisation.objects.get(pid="o_valmont")
    water = Organisation.objects.create(pid="o_eau", name="Régie des eaux")
    hole = ReportCategory.objects.create(
        code="nid-de-poule",
        name="Trou dans la chaussée",
        group="Chaussée",
        organisation=ours,
        days=10,
        rank=1,
    )
    leak = ReportCategory.objects.create(code="eau", name="Fuite d'eau", organisation=water, days=2, rank=2)
    oscar = User.objects.create_user("oscar@valmont.test", worlds.PASSWORD, name="Oscar Vidal", pid="p_oscar")
    Membership.objects.create(user=oscar, organisation=ours, role="operator")
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
