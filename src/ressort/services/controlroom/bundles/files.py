"""The files of bundles: whole or not at all, readable by this installation alone, erased when their time is over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.db import transaction

from ressort.services.controlroom.bundles.models import Bundle

_NAME = re.compile(r"bu_[0-9a-f]{16}\.pdf")


def path(name: str) -> Path:
    """Return where the file of a bundle is."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name} is not the name of a bundle")
    return Path(settings.DATA_DIR, "bundles", name)


def keep(bundle: Bundle, data: bytes) -> str:
    """Write a bundle and return the name of its file; made a second time, it takes the place of the first."""
    name = f"{bundle.pid}.pdf"
    target = path(name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=target.parent, delete=False) as part:  # 0600: it holds telephone numbers
        part.write(data)
        part.flush()
        os.fsync(part.fileno())  # paper is made for the hour when the electricity goes
    os.replace(part.name, target)  # noqa: PTH105 - whole or not at all, also when the power goes
    return name


def forget(bundles: Iterable[Any]) -> int:
    """Erase the documents of bundles whose time is over; their rows stay, so that a late sheet is still known."""
    every = list(bundles)
    for one in every:
        name = one.file
        Bundle.objects.filter(pk=one.pk).update(file="", asked_by=None)
        transaction.on_commit(partial(path(name).unlink, missing_ok=True))
    return len(every)
