"""Application of the street network."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Registers the loading job for every worker, and says of a point whether the network reaches it."""

    name = "ressort.core.network"

    def ready(self) -> None:
        """Join the verbs on stops."""
        from ressort.core.network import loading
        from ressort.core.territory import actions

        actions.out_of_reach.append(loading.out_of_reach)
