"""Tables of the control room, by part."""

from ressort.services.controlroom.equipment.models import (
    Asset,
    Command,
    Emergency,
    Order,
    SimulatedDevice,
)

__all__ = ["Asset", "Command", "Emergency", "Order", "SimulatedDevice"]
