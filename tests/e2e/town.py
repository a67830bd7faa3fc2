"""Prepare the tests' small town on disk and serve it: ``python -m tests.e2e.town PORT``.

``RESSORT_DATA`` names the folder. The service clock stands still on the Tuesday of the tests.
"""

import os
import sys


def main(port: int) -> None:
    """Migrate, build, collect the static files, then serve until told to stop."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ressort.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from ressort.core import clock
    from tests import worlds

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    worlds.build()
    worlds.reports()
    clock.simulate(worlds.TUESDAY, rate=0)

    import uvicorn

    uvicorn.run("ressort.config.asgi:application", port=port, log_level="info", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
