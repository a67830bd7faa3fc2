"""The printer of the machine, when there is one: a command without a shell, given the file, with a deadline."""

from __future__ import annotations

import subprocess

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.jobs import queue
from ressort.core.journal import record
from ressort.services.controlroom.bundles import files, making
from ressort.services.controlroom.bundles.models import Bundle

LONGEST = 60.0
"""Seconds given to the command: it hands the file to a spooler, it does not wait for the paper."""


class NotPrinted(Exception):  # noqa: N818 - said to people, in a sentence
    """The printer did not take it: a code for machines, a sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def hand(file: str) -> None:
    """Hand a file to the printer.

    Raises
    ------
    NotPrinted
        If the command is not there, refuses, or does not answer in time.
    """
    command = list(settings.PRINT_COMMAND)
    try:
        done = subprocess.run(  # the command of the machine's owner, no shell, our own file name
            [*command, file],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotPrinted(
            "timeout", _("La commande d'impression n'a pas répondu en %(s)d s.") % {"s": LONGEST}
        ) from None
    except OSError:
        raise NotPrinted(
            "no-command", _("La commande d'impression « %(name)s » ne se lance pas.") % {"name": command[0]}
        ) from None
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        said = "".join(one for one in said if one.isprintable())[:120]
        raise NotPrinted(
            "refused",
            _("L'imprimante a refusé (%(code)d) : %(said)s") % {"code": done.returncode, "said": said or "–"},
        )


@queue.work(making.PRINT_JOB)
def work(job: queue.Running) -> dict[str, str]:
    """Hand a bundle to the printer and note what it said; a failure is shown beside the bundle."""
    bundle = Bundle.objects.select_related("situation").get(pid=job.payload["bundle"])
    payload = {"number": bundle.number, "situation": bundle.situation.pid}
    try:
        hand(str(files.path(bundle.file)))
    except NotPrinted as error:
        with transaction.atomic():
            Bundle.objects.filter(pk=bundle.pk).update(print_error=error.sentence[:200])
            record("controlroom.bundle.print_failed", actor=making.ACTOR, subject=bundle.pid,
                   payload={**payload, "code": error.code})  # fmt: skip
        return {"refused": error.code}
    with transaction.atomic():
        Bundle.objects.filter(pk=bundle.pk).update(printed=service_now(), print_error="")
        record("controlroom.bundle.printed", actor=making.ACTOR, subject=bundle.pid, payload=payload)
    return {}
