"""Making bundles: asked for, by a person or by the hour; composed by the background; kept, sent to the printer.

The hour is no timer: what is due follows from the rows alone, so that a server killed and started again goes on
where it was, and prints one bundle, not one for each hour that it slept.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.jobs import queue
from ressort.core.journal import record
from ressort.services.controlroom.bundles import composing, files
from ressort.services.controlroom.bundles.models import HOURLY, Bundle, BundleRhythm, PaperSheet
from ressort.services.controlroom.incidents.situation_models import Situation
from ressort.web import printing

MAKE = "controlroom.bundle.make"
SEE = "controlroom.bundle.see"
JOB = "controlroom.bundle"
PRINT_JOB = "controlroom.bundle_print"
ACTOR = "system:bundles"
SHEETS = 12
"""Blank sheets of a bundle."""
RHYTHMS = (0, 30, 60, 120, 240, 720)
"""Minutes that may be chosen; 0: never by itself."""
CLOSEST = timedelta(seconds=30)
"""Between two bundles asked for by hand: a second click is not a second bundle."""


def find(user: Any, pid: str) -> Bundle:
    """Return a bundle that this person may read."""
    found = Bundle.objects.select_related("situation").filter(pid=pid).first()
    if found is None:
        raise Unknown("bundle", _("Cette liasse n'existe pas : choisissez-la sur la page de la situation."))
    authorise(user, SEE, found)
    return found


def _hold(pid: str) -> Situation:
    found = Situation.objects.select_for_update(of=("self",)).filter(pid=pid).first()
    if found is None:
        raise Unknown("situation", _("Cette situation n'existe pas."))
    return found


def _open(situation: Situation) -> None:
    if situation.closed:
        raise Refused(
            "situation-closed",
            _(
                "Cette situation est terminée : plus rien ne s'imprime, mais ses liasses restent à télécharger."
            ),
            status=409,
        )


def minutes(situation: Situation) -> int:
    """Return how often a situation prints itself, in minutes; 0: never."""
    found = BundleRhythm.objects.filter(situation=situation).values_list("minutes", flat=True).first()
    return HOURLY if found is None else int(found)


def due(situation: Situation) -> datetime | None:
    """Return when its next bundle is due: at once for the first; None where it prints nothing by itself."""
    every = minutes(situation)
    if situation.closed or not every:
        return None
    last = Bundle.objects.filter(situation=situation).order_by("-number").first()
    return last.at + timedelta(minutes=every) if last else situation.since


def ask(user: Any, pid: str) -> Bundle:
    """Ask for a bundle now; the next one by itself is counted from this one."""
    with transaction.atomic():
        situation = _hold(pid)
        authorise(user, MAKE, situation)
        _open(situation)
        now = service_now()
        last = Bundle.objects.filter(situation=situation).order_by("-number").first()
        if last and last.made is None and last.at > now - CLOSEST and _at_work(last.job):
            raise Refused(
                "bundle-under-way",
                _("Une liasse se prépare déjà : elle sera dans la liste dans un instant."),
                status=409,
            )
        return _begin(situation, Bundle.Why.HAND, user)


def pace(user: Any, pid: str, every: int) -> int:
    """Choose how often a situation prints itself; return how often it did."""
    if every not in RHYTHMS:
        raise Refused("bad-rhythm", _("Choisissez un rythme de la liste."), field="minutes")
    with transaction.atomic():
        situation = _hold(pid)
        authorise(user, MAKE, situation)
        _open(situation)
        before = minutes(situation)
        if before == every:
            raise Refused("no-change", _("C'est déjà son rythme."), status=409, field="minutes")
        BundleRhythm.objects.update_or_create(situation=situation, defaults={"minutes": every})
        record("controlroom.bundle.paced", actor=user.pid, subject=situation.pid,
               payload={"before": before, "minutes": every})  # fmt: skip
    return before


def ring() -> int:
    """Ask for the bundles that are due; return how many (a round of the house's periodic work)."""
    now, count = service_now(), 0
    for pid in Situation.objects.filter(closed=None).values_list("pid", flat=True):
        with transaction.atomic():
            situation = _hold(pid)
            at = due(situation)
            if at is not None and at <= now:
                _begin(situation, Bundle.Why.RHYTHM, None)
                count += 1
    return count


def _begin(situation: Situation, why: str, user: Any) -> Bundle:
    number = Bundle.objects.filter(situation=situation).count() + 1
    made = Bundle.objects.create(situation=situation, number=number, at=service_now(), why=why, asked_by=user)
    PaperSheet.objects.bulk_create(PaperSheet(bundle=made, place=place) for place in range(1, SHEETS + 1))
    actor = user.pid if user else ACTOR
    made.job = queue.enqueue(JOB, {"bundle": made.pid}, actor=actor, key=f"bundle:{made.pid}").pid
    made.save(update_fields=["job"])
    payload: dict[str, Any] = {"number": number, "situation": situation.pid, "why": why}
    if situation.exercise:
        payload["exercise"] = True
    record("controlroom.bundle.asked", actor=actor, subject=made.pid, payload=payload)
    return made


def _at_work(job: str) -> bool:
    return queue.Job.objects.filter(
        pid=job, state__in=(queue.Job.State.QUEUED, queue.Job.State.RUNNING)
    ).exists()


@queue.work(JOB)
def make(job: queue.Running) -> dict[str, int]:
    """Compose a bundle, keep it, and hand it to the printer if there is one. Done twice, it is the same bundle."""
    bundle = Bundle.objects.select_related("situation__organisation").get(pid=job.payload["bundle"])
    if bundle.made is not None:
        return {"size": bundle.size}
    job.progress(_("Ce qui est en cours se rassemble"), 0.1)
    data = composing.compose(bundle)
    job.progress(_("Les pages se composent"), 0.4)
    document = printing.pdf("bundle", data)
    name = files.keep(bundle, document)
    with transaction.atomic():
        held = Bundle.objects.select_for_update(of=("self",)).get(pk=bundle.pk)
        if held.made is None:
            held.made, held.file, held.size = service_now(), name, len(document)
            if settings.PRINT_COMMAND:
                held.print_job = _to_printer(held, ACTOR)
            held.save(update_fields=["made", "file", "size", "print_job"])
            payload = {"number": held.number, "situation": bundle.situation.pid, "size": held.size,
                       "sheets": held.sheets.count()}  # fmt: skip
            record("controlroom.bundle.made", actor=ACTOR, subject=held.pid, payload=payload)
    return {"size": len(document)}


def _to_printer(bundle: Bundle, actor: str) -> str:
    return queue.enqueue(PRINT_JOB, {"bundle": bundle.pid}, actor=actor, key=f"bundle-print:{bundle.pid}").pid


def send(user: Any, pid: str) -> Bundle:
    """Send a bundle to the printer (again)."""
    with transaction.atomic():
        found = find(user, pid)
        authorise(user, MAKE, found)
        held = Bundle.objects.select_for_update(of=("self",)).select_related("situation").get(pk=found.pk)
        if not settings.PRINT_COMMAND:
            raise Refused(
                "no-printer",
                _("Aucune imprimante n'est réglée sur cette machine : téléchargez la liasse et imprimez-la."),
                status=409,
            )
        if not held.file:
            raise Refused("no-file", _("Ce document n'est pas, ou plus, sur la machine."), status=409)
        if _at_work(held.print_job):
            raise Refused("printing", _("Elle est déjà en route vers l'imprimante."), status=409)
        held.print_job = _to_printer(held, user.pid)
        held.save(update_fields=["print_job"])
        record("controlroom.bundle.print_asked", actor=user.pid, subject=held.pid,
               payload={"number": held.number, "situation": held.situation.pid})  # fmt: skip
    return held
