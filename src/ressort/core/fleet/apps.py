"""Application of the fleet."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    """Tells the network which of its versions the fleet still needs."""

    name = "ressort.core.fleet"

    def ready(self) -> None:
        """Join the network's tidying, and register the matrix job for workers that run nothing else."""
        from ressort.core.fleet import actions, planning
        from ressort.core.network import build
        from ressort.core.territory import actions as stops

        build.in_use.append(planning.versions_in_use)
        stops.in_use.append(actions.stop_is_promised)
        stops.moved.append(actions.places_moved)
