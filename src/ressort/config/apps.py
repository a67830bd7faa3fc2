"""The last application to be ready: it joins the services to the house."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers what the installed services declare."""

    name = "ressort.config"

    def ready(self) -> None:
        """Add every service's rows to the policy table and its messages to the known kinds."""
        from ressort.core import registry
        from ressort.core.accounts import policy
        from ressort.core.accounts.actions import erasing
        from ressort.core.notify import kinds

        for found in registry.services():
            policy.register(found.policy)
            for kind in found.messages:
                kinds.register(kind)
            if found.erase:
                erase = found.erase
                erasing.connect(lambda pid, erase=erase, **_: erase(pid), weak=False, dispatch_uid=found.name)
