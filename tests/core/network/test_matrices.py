from __future__ import annotations

import numpy as np
import pytest

from ressort.core.clock import service_now
from ressort.core.journal.models import Event
from ressort.core.network.answers import UNREACHABLE
from ressort.core.network.closures import close
from ressort.core.network.matrices import current, rebuild
from ressort.core.network.models import NetworkVersion, StopMatrix
from ressort.core.network.pace import factor, slowed
from tests.core.network import village

POINTS = [village.at(0.4, 0), village.at(4.5, 0), village.at(2, 4.4), village.at(3.6, 3), village.at(9.2, 9)]


def test_a_matrix_is_kept_and_read_back(network: NetworkVersion) -> None:
    assert current(POINTS) is None
    built = rebuild(POINTS)
    assert built.fresh
    assert (built.seconds[:4, :4] >= 0).all()
    assert (built.seconds[4, :4] == UNREACHABLE).all()
    kept = current(POINTS)
    assert kept is not None
    assert kept.digest == built.digest
    assert (kept.seconds == built.seconds).all()
    assert (kept.metres == built.metres).all()
    assert current(POINTS[:2]) is None
    assert current(POINTS, "foot") is None


def test_rebuilding_an_up_to_date_matrix_costs_nothing(network: NetworkVersion) -> None:
    rebuild(POINTS)
    rebuild(POINTS)
    assert StopMatrix.objects.filter(version=network).count() == 1
    assert Event.objects.filter(kind="network.matrix.rebuilt", subject=str(network.pk)).count() == 1


def test_a_closure_makes_the_matrix_old_until_it_is_rebuilt(network: NetworkVersion) -> None:
    first = rebuild(POINTS)
    for row in (0, 1):
        close(f"Rue du Nord {row}", starts=service_now(), actor="p_1")
    stale = current(POINTS)
    assert stale is not None
    assert not stale.fresh
    assert stale.digest == first.digest
    second = rebuild(POINTS)
    assert second.fresh
    assert second.revision != first.revision
    assert second.digest != first.digest
    assert second.metres[2, 3] >= first.metres[2, 3]
    assert current(POINTS).digest == second.digest


def test_a_new_address_costs_a_row_and_a_column(network: NetworkVersion) -> None:
    small = rebuild(POINTS[:3])
    grown = small.with_points(POINTS[3:])
    whole = rebuild(POINTS)
    assert grown.points == whole.points
    assert (grown.seconds == whole.seconds).all()
    assert (grown.metres == whole.metres).all()
    assert small.with_points([]) is small


def test_a_damaged_file_is_not_believed(network: NetworkVersion) -> None:
    built = rebuild(POINTS)
    file = network.folder / "matrices" / f"{built.digest}.npy"
    data = np.load(file)
    data[0, 0, 1] += 1
    np.save(file, data)
    assert current(POINTS) is None
    file.unlink()
    assert current(POINTS) is None
    assert rebuild(POINTS).digest == built.digest


@pytest.mark.parametrize(
    ("second", "least", "most"), [(3 * 3600, 0.8, 1.0), (8 * 3600, 1.2, 1.4), (17 * 3600, 1.25, 1.4)]
)
def test_peaks_are_slower(second: int, least: float, most: float) -> None:
    assert least <= factor(second) <= most
    assert factor(second + 86_400) == factor(second)
    assert factor(8 * 3600, working_day=False) < 1


def test_slowing_keeps_what_is_unreachable() -> None:
    seconds = np.array([[0, 100], [UNREACHABLE, 7]], dtype=np.int32)
    assert slowed(seconds, 1.25).tolist() == [[0, 125], [UNREACHABLE, 9]]
