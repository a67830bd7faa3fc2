"""Application of the messages."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Declares the house's own messages, and erases what is kept of a person's with the person."""

    name = "ressort.core.notify"

    def ready(self) -> None:
        """Join the transaction that erases an account."""
        from ressort.core.accounts.actions import erasing
        from ressort.core.notify import erasure, house

        assert house.TRIAL  # declared as it is imported
        erasing.connect(lambda pid, **_: erasure.forget_person(pid), weak=False, dispatch_uid="notify")
