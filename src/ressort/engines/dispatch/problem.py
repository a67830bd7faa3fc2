"""What the dispatcher is asked: travel, vehicles and requests, as frozen validated dataclasses.

Places are indices into a :class:`Matrix`. Every rule of the problem is stated here:

- a visit's service starts within its window (ends included) and lasts its service time; a vehicle may wait, with
  riders aboard or not;
- a request is picked up and dropped off by the same vehicle, in that order;
- ride time = start of service at the drop-off minus end of service at the pick-up; it never exceeds ``max_ride``;
- the load never exceeds the capacity, in any dimension (seats, wheelchair places, luggage…);
- a vehicle leaves its start no earlier than its shift opens and reaches its end no later than it closes; the time
  between the two never exceeds ``max_duration`` when there is one.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ressort.units import FAR_FUTURE, Seconds, Window

UNREACHABLE = 1_000_000_000
"""Value of a pair of places with no way between them, in both tables of a :class:`Matrix`."""

Json = dict[str, Any]


class ProblemError(ValueError):
    """A part of the problem contradicts itself or another; the message says which."""


def require(holds: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise :class:`ProblemError` with the message unless the condition holds."""
    if not holds:
        raise ProblemError(message)


@dataclass(frozen=True, eq=False)
class Matrix:
    """Travel between every ordered pair of places.

    Parameters
    ----------
    seconds, metres
        Arrays of shape (places, places), kept as read-only contiguous int32. ``UNREACHABLE`` marks a pair without a
        way; any larger value is brought down to it. The triangle inequality is not assumed.

    Raises
    ------
    ProblemError
        If the tables are not square, differ in shape or hold a negative value.
    """

    seconds: NDArray[np.int32]
    metres: NDArray[np.int32]

    def __post_init__(self) -> None:
        for name in ("seconds", "metres"):
            table = np.asarray(getattr(self, name))
            require(
                table.ndim == 2 and table.shape[0] == table.shape[1], f"The table of {name} is not square."
            )
            require(table.dtype.kind in "iu", f"The table of {name} does not hold whole numbers.")
            require(table.size == 0 or table.min() >= 0, f"The table of {name} holds a negative value.")
            if table.dtype != np.int32 or (table.size and table.max() > UNREACHABLE):
                table = np.minimum(table, UNREACHABLE).astype(np.int32)
            table = np.ascontiguousarray(table)
            if table.flags.writeable:
                table = table.copy()
                table.flags.writeable = False
            object.__setattr__(self, name, table)
        require(self.seconds.shape == self.metres.shape, "The two tables differ in shape.")

    @classmethod
    def from_rows(cls, seconds: Sequence[Sequence[int]], metres: Sequence[Sequence[int]]) -> Self:
        """Return the matrix of two tables given as rows of whole numbers."""
        return cls(np.array(seconds, np.int32), np.array(metres, np.int32))

    @property
    def size(self) -> int:
        """Number of places."""
        return len(self.seconds)

    @cached_property
    def digest(self) -> str:
        """Digest of both tables, which a receipt keeps instead of them."""
        return hashlib.sha256(self.seconds.tobytes() + self.metres.tobytes()).hexdigest()

    def to_json(self) -> Json:
        """Return both tables, compressed."""
        packed = zlib.compress(self.seconds.tobytes() + self.metres.tobytes(), 6)
        return {"size": self.size, "int32": base64.b64encode(packed).decode()}

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read what :meth:`to_json` wrote."""
        size = int(data["size"])
        tables = np.frombuffer(zlib.decompress(base64.b64decode(data["int32"])), np.int32).reshape(
            2, size, size
        )
        return cls(tables[0], tables[1])


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle and its driver's shift.

    Parameters
    ----------
    start, end
        Places where the shift starts and ends.
    shift
        Leaves ``start`` no earlier than ``shift.earliest``, reaches ``end`` no later than ``shift.latest``.
    capacity
        What it holds, one number per dimension; every load of the problem has the same dimensions.
    max_duration
        Longest time between leaving ``start`` and reaching ``end``, in seconds; None: only the shift counts.
    """

    id: str
    start: int
    end: int
    shift: Window
    capacity: tuple[int, ...]
    max_duration: Seconds | None = None

    def __post_init__(self) -> None:
        require(
            bool(self.capacity) and min(self.capacity) >= 0,
            f"Vehicle {self.id}: bad capacity {self.capacity}.",
        )
        require(
            self.max_duration is None or self.max_duration >= 0, f"Vehicle {self.id}: negative max_duration."
        )

    def to_json(self) -> list[Any]:
        """Return the fields in order."""
        shift = [self.shift.earliest, self.shift.latest]
        return [self.id, self.start, self.end, shift, list(self.capacity), self.max_duration]

    @classmethod
    def from_json(cls, data: list[Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        return cls(data[0], data[1], data[2], Window(*data[3]), tuple(data[4]), data[5])


@dataclass(frozen=True, slots=True)
class Request:
    """A trip asked for or promised. The windows of an accepted request *are* its promise.

    Parameters
    ----------
    pickup, dropoff
        Places.
    pickup_window, dropoff_window
        When each service may start.
    load
        What it takes, one number per dimension of the vehicles' capacity; at least one is positive or all are zero.
    max_ride
        Longest time between the end of the pick-up and the start of the drop-off, in seconds.
    pickup_service, dropoff_service
        Time spent at each stop, in seconds.
    revealed
        When the request becomes known (simulations only).
    penalty
        Seconds added to the cost of this alternative, for instance for the walk to its stops.
    """

    id: str
    pickup: int
    dropoff: int
    pickup_window: Window
    dropoff_window: Window
    load: tuple[int, ...]
    max_ride: Seconds = FAR_FUTURE
    pickup_service: Seconds = 0
    dropoff_service: Seconds = 0
    revealed: Seconds = 0
    penalty: Seconds = 0

    def __post_init__(self) -> None:
        require(bool(self.load) and min(self.load) >= 0, f"Request {self.id}: bad load {self.load}.")
        for name in ("max_ride", "pickup_service", "dropoff_service", "penalty"):
            require(0 <= getattr(self, name) <= FAR_FUTURE, f"Request {self.id}: {name} is out of range.")

    def shifted(self, seconds: Seconds) -> "Request":
        """Return the same trip with both windows moved by ``seconds``."""
        windows = self.pickup_window.shifted(seconds), self.dropoff_window.shifted(seconds)
        return replace(self, pickup_window=windows[0], dropoff_window=windows[1])

    def to_json(self) -> list[Any]:
        """Return the fields in order."""
        up, off = self.pickup_window, self.dropoff_window
        return [
            self.id, self.pickup, self.dropoff, [up.earliest, up.latest], [off.earliest, off.latest], list(self.load),
            self.max_ride, self.pickup_service, self.dropoff_service, self.revealed, self.penalty,
        ]  # fmt: skip

    @classmethod
    def from_json(cls, data: list[Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        return cls(data[0], data[1], data[2], Window(*data[3]), Window(*data[4]), tuple(data[5]), *data[6:])


@dataclass(frozen=True, slots=True)
class Objective:
    """What a plan costs: the sum below, in weighted seconds; unserved requests always count first.

    Parameters
    ----------
    travel
        Weight of a second on the road.
    ride
        Weight of a second that a rider spends aboard beyond the direct ride.
    vehicle
        Cost of using a vehicle at all.
    reserve
        Cost of a rider in a vehicle that has what few others have (places for wheelchairs, say) and that the rider does
        not need, times how rare it is (see :meth:`Problem.spared`): such vehicles are left to those who need them.
    """

    travel: float = 1.0
    ride: float = 0.2
    vehicle: float = 0.0
    reserve: float = 300.0

    def __post_init__(self) -> None:
        require(min(self.travel, self.ride, self.vehicle, self.reserve) >= 0, "A weight is negative.")

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights in the order that the kernels know."""
        return np.array([self.travel, self.ride, self.vehicle, self.reserve])


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything known: travel, fleet, requests (accepted, and to be placed).

    Raises
    ------
    ProblemError
        If ids repeat, a place is outside the matrix, or dimensions differ.
    """

    matrix: Matrix
    vehicles: tuple[Vehicle, ...]
    requests: Mapping[str, Request] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require(
            len({vehicle.id for vehicle in self.vehicles}) == len(self.vehicles), "Two vehicles share an id."
        )
        for vehicle in self.vehicles:
            require(len(vehicle.capacity) == self.dimensions, f"Vehicle {vehicle.id}: dimensions differ.")
            self._inside(vehicle.id, vehicle.start, vehicle.end)
        for key, request in self.requests.items():
            require(key == request.id, f"Request {request.id} is filed under {key}.")
            self.admit(request)

    @property
    def dimensions(self) -> int:
        """Number of dimensions of loads and capacities."""
        return len(self.vehicles[0].capacity) if self.vehicles else 0

    @cached_property
    def fleet(self) -> Mapping[str, Vehicle]:
        """Vehicles by id."""
        return {vehicle.id: vehicle for vehicle in self.vehicles}

    @cached_property
    def scarcity(self) -> Mapping[str, tuple[float, ...]]:
        """How rare what each vehicle has is: per dimension, the share of the fleet that has none of it."""
        has = (
            np.array([vehicle.capacity for vehicle in self.vehicles]).reshape(
                len(self.vehicles), self.dimensions
            )
            > 0
        )
        rare = np.where(has, 1.0 - has.mean(axis=0), 0.0) if len(has) else has
        return {vehicle.id: tuple(row) for vehicle, row in zip(self.vehicles, rare.tolist(), strict=True)}

    def spared(self, vehicle: str, request: Request) -> float:
        """Return how rare the rarest thing is that a vehicle has and a rider does not need; 0 where all have the same."""
        rare = self.scarcity[vehicle]
        return max(
            (share for share, needed in zip(rare, request.load, strict=True) if not needed), default=0.0
        )

    def _inside(self, who: str, *places: int) -> None:
        for place in places:
            require(0 <= place < self.matrix.size, f"{who}: place {place} is outside the matrix.")

    def admit(self, request: Request) -> None:
        """Raise :class:`ProblemError` unless the request speaks of places and dimensions of this problem."""
        self._inside(request.id, request.pickup, request.dropoff)
        require(
            not self.vehicles or len(request.load) == self.dimensions,
            f"Request {request.id}: dimensions differ.",
        )

    def with_requests(self, *requests: Request) -> "Problem":
        """Return the problem with these requests added, or put in place of those of the same id."""
        for request in requests:
            self.admit(request)
        grown = Problem(self.matrix, self.vehicles)
        object.__setattr__(
            grown, "requests", {**self.requests, **{request.id: request for request in requests}}
        )
        return grown

    def only(self, ids: Iterable[str]) -> "Problem":
        """Return the problem with only these requests: all that a receipt needs."""
        kept = set(ids)
        return Problem(self.matrix, self.vehicles, {k: r for k, r in self.requests.items() if k in kept})

    def to_json(self, *, matrix: bool = True) -> Json:
        """Return the whole problem; without the matrix, only its digest is kept."""
        return {
            "matrix": self.matrix.to_json() if matrix else self.matrix.digest,
            "vehicles": [vehicle.to_json() for vehicle in self.vehicles],
            "requests": [request.to_json() for request in self.requests.values()],
        }

    @classmethod
    def from_json(cls, data: Json, matrix: Matrix | None = None) -> Self:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        ProblemError
            If the matrix was left out and the one given is missing or is another one.
        """
        if isinstance(data["matrix"], str):
            require(
                matrix is not None and matrix.digest == data["matrix"], "The matrix is not the one used then."
            )
        else:
            matrix = Matrix.from_json(data["matrix"])
        assert matrix is not None
        requests = [Request.from_json(request) for request in data["requests"]]
        vehicles = tuple(Vehicle.from_json(vehicle) for vehicle in data["vehicles"])
        return cls(matrix, vehicles, {request.id: request for request in requests})
