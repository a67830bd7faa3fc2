"""Leased work: done once, taken up again when its worker dies, stopped when asked, failures kept in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.core.jobs import queue
from ressort.core.jobs.models import Job
from ressort.core.journal.models import Event

pytestmark = pytest.mark.django_db
done: list[dict[str, object]] = []


@queue.work("test.count")
def count(job: queue.Running) -> dict[str, int]:
    done.append(job.payload)
    job.progress("à moitié", 0.5)
    return {"counted": int(job.payload.get("to", 0))}


@queue.work("test.break")
def breaks(job: queue.Running) -> None:
    if job.payload.get("refused"):
        raise Refused("no", "Ce fichier ne contient aucune rue.")
    raise ZeroDivisionError("oops")


@queue.work("test.stop")
def stops(job: queue.Running) -> None:
    queue.cancel(job.job.pid, actor="p_test")
    job.progress("encore", 1.0)


@pytest.fixture(autouse=True)
def _fresh():
    done.clear()


def run(pid: str) -> Job:
    assert queue.run_one("w1")
    return Job.objects.get(pid=pid)


def test_a_job_is_run_once_with_progress_result_and_one_event():
    job = queue.enqueue("test.count", {"to": 3})
    ended = run(job.pid)
    assert (ended.state, ended.result, ended.done) == (Job.State.DONE, {"counted": 3}, 1.0)
    assert not queue.run_one("w1")
    assert len(done) == 1
    assert list(Event.objects.filter(subject=job.pid).values_list("kind", flat=True)) == ["job.done"]


def test_a_key_keeps_one_live_job_at_a_time():
    one, two = queue.enqueue("test.count", key="k"), queue.enqueue("test.count", key="k")
    assert one.pid == two.pid
    run(one.pid)
    assert queue.enqueue("test.count", key="k").pid != one.pid


def test_a_job_whose_worker_died_is_taken_up_again():
    job = queue.enqueue("test.count")
    taken = queue.take("dead")
    assert taken
    assert taken.pid == job.pid
    assert queue.take("w2") is None, "its lease still holds"
    Job.objects.update(lease_until=wall_now() - timedelta(seconds=1))
    ended = run(job.pid)
    assert (ended.state, ended.attempts, ended.worker) == (Job.State.DONE, 2, "w1")


def test_a_worker_believed_dead_no_longer_writes():
    queue.enqueue("test.count")
    slow = queue.take("slow")
    Job.objects.update(worker="other")
    with pytest.raises(queue.LeaseLost):
        queue.Running(slow, "slow").progress("trop tard", 1.0)


def test_work_that_kills_its_workers_again_and_again_is_given_up():
    job = queue.enqueue("test.count")
    Job.objects.update(attempts=queue.MAX_ATTEMPTS)
    assert run(job.pid).state == Job.State.FAILED
    assert not done


@pytest.mark.parametrize(
    ("payload", "said"),
    [({}, "ZeroDivisionError: oops"), ({"refused": 1}, "Ce fichier ne contient aucune rue.")],
)
def test_a_failure_is_kept_in_words(payload, said):
    job = queue.enqueue("test.break", payload)
    ended = run(job.pid)
    assert (ended.state, ended.error) == (Job.State.FAILED, said)


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step():
    waiting = queue.enqueue("test.count")
    queue.cancel(waiting.pid, actor="p_test")
    assert Job.objects.get(pid=waiting.pid).state == Job.State.CANCELLED
    running = queue.enqueue("test.stop")
    assert run(running.pid).state == Job.State.CANCELLED
    with pytest.raises(Refused, match="déjà terminé"):
        queue.cancel(running.pid, actor="p_test")
    with pytest.raises(Refused, match="Aucun travail"):
        queue.cancel("j_unknown", actor="p_test")


def test_a_delayed_job_waits():
    queue.enqueue("test.count", delay=60)
    assert queue.take("w1") is None


def test_unknown_work_is_refused():
    with pytest.raises(LookupError):
        queue.enqueue("test.unheard_of")
