"""Tables of the control room, by part."""

from ressort.services.controlroom.reports.models import (  # noqa: F401 - Django finds tables here
    Follower,
    Report,
    ReportCategory,
    ReportPhoto,
    ReportStep,
    ReportWords,
)
