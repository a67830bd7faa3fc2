"""Application of the appeals."""

from django.apps import AppConfig


class AppealsConfig(AppConfig):
    """Erases what somebody wrote when their account is erased."""

    name = "ressort.core.appeals"

    def ready(self) -> None:
        """Follow erasures of accounts."""
        from ressort.core.accounts.actions import erasing
        from ressort.core.appeals import actions

        erasing.connect(lambda pid, **_: actions.forget_person(pid), weak=False, dispatch_uid="appeals")
