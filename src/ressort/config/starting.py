"""How a command starts Django."""

from __future__ import annotations

import os


def django(*, tables: bool = False) -> None:
    """Start Django, and with ``tables`` make sure that they are there; the engines' commands do without."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ressort.config.settings")
    import django as framework

    framework.setup()
    if tables:
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
