"""Where the files of a network version are kept: ``DATA_DIR/networks/<version id>/``."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

_SAFE = re.compile(r"[0-9a-f-]{32,36}\Z")


def networks_folder() -> Path:
    """Return the folder that holds every network version."""
    return Path(settings.DATA_DIR) / "networks"


def folder_of(version: str) -> Path:
    """Return the folder of one version.

    Parameters
    ----------
    version : str
        UUID of the version; it may come from a web address, so that anything else is refused.

    Raises
    ------
    ValueError
        If it is not a UUID.
    """
    if not _SAFE.match(str(version)):
        raise ValueError(f"Identifiant de réseau inconnu : « {version} ».")
    return networks_folder() / str(version)
