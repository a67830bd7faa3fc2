"""Application of the journal."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    """Puts the database's own protections back after every migration."""

    name = "ressort.core.journal"

    def ready(self) -> None:
        """Follow migrations."""
        from ressort.core.journal import guards

        post_migrate.connect(guards.after_migrate, sender=self, dispatch_uid="journal-guards")
