"""The two clocks of the house, read in one place each.

``wall_now`` is the real time: security, leases, devices. ``service_now`` is the time bookings live in; it equals
wall time unless the installation runs a simulation, in which case it may run fast and its offset is persisted.
Both return aware UTC datetimes.
"""

from ressort.core.clock.simulation import (
    ClockReading,
    heartbeat,
    jump,
    reading,
    resume,
    service_now,
    simulate,
    wall_now,
)

__all__ = ["ClockReading", "heartbeat", "jump", "reading", "resume", "service_now", "simulate", "wall_now"]
