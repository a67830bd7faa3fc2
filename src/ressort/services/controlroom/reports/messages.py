"""What those who follow a report are told, in words. Who writes and the link are added by the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ressort.core.notify.kinds import MessageKind, Text
from ressort.core.notify.models import Channel
from ressort.services.controlroom.reports.models import Report
from ressort.web import words

_CUT = 40  # characters of a category in an SMS


@dataclass(frozen=True, slots=True)
class Told:
    """A report as a message tells it to one follower: the follower's code, what happened, the agent's words."""

    report: Report
    code: str
    deed: str
    text: str = ""


def _named(told: Told) -> dict[str, str]:
    report = told.report
    zone = ZoneInfo(settings.TIME_ZONE)
    planned = report.planned_for
    name = report.category.name
    return {
        "what": name,
        "cut": name if len(name) <= _CUT else f"{name[: _CUT - 1].rstrip()}.",
        "code": told.code,
        "who": report.organisation.name,
        "due": words.day(report.due.astimezone(zone)),
        "day": words.day(datetime.combine(planned, time(12), zone)) if planned else "",
        "reason": str(Report.Reason(report.reason).label) if report.reason else "",
    }


def _text(told: Told, title: str, lines: list[str], short: str) -> Text:
    body = "\n\n".join(line for line in lines if line)
    if (get_language() or "fr").startswith("fr"):
        title, short = words.typo(title), words.typo(short)
        body = "\n\n".join(words.typo(line) for line in body.split("\n\n"))
    link = reverse("controlroom:report_follow", args=[told.code])
    return Text(title, body, short, link, _("Suivre mon signalement"), told.code)


def received(told: Told) -> Text:
    """Confirm: the code, who answers for it, within what delay."""
    named = _named(told)
    return _text(
        told,
        _("Signalement reçu : %(what)s") % named,
        [
            _("Nous avons reçu votre signalement « %(what)s ». Code de suivi : %(code)s.") % named,
            _("%(who)s s'en charge, et vous répond avant le %(due)s.") % named,
            _("Vous recevrez un message à chaque étape."),
        ],
        _("signalement reçu (%(cut)s). Réponse avant le %(due)s.") % named,
    )


def stepped(told: Told) -> Text:
    """Say what happened to the report."""
    named = _named(told)
    title, line = _STEPS[told.deed]
    sentence = str(line) % named
    answer = _("Réponse :\n%(text)s") % {"text": told.text} if told.text else ""
    return _text(told, str(title) % named, [sentence, answer], str(title) % (named | {"what": named["cut"]}))


_STEPS = {
    "taken": (
        gettext_lazy("Signalement pris en charge : %(what)s"),
        gettext_lazy("%(who)s s'occupe de votre signalement « %(what)s »."),
    ),
    "planned": (
        gettext_lazy("Intervention prévue %(day)s : %(what)s"),
        gettext_lazy("%(who)s a prévu d'intervenir %(day)s pour votre signalement « %(what)s »."),
    ),
    "unplanned": (
        gettext_lazy("Intervention reportée : %(what)s"),
        gettext_lazy(
            "L'intervention prévue pour votre signalement « %(what)s » est reportée. %(who)s s'en occupe toujours : vous saurez la nouvelle date."
        ),
    ),
    "done": (
        gettext_lazy("C'est réparé : %(what)s"),
        gettext_lazy(
            "Votre signalement « %(what)s » est réparé. Merci de nous avoir prévenus. Ce n'est pas le cas ? Signalez-le à nouveau."
        ),
    ),
    "refused": (
        gettext_lazy("Signalement sans suite : %(what)s"),
        gettext_lazy("Votre signalement « %(what)s » n'aura pas de suite : %(reason)s."),
    ),
    "merged": (
        gettext_lazy("Signalement déjà connu : %(what)s"),
        gettext_lazy(
            "Votre signalement « %(what)s » a rejoint un autre, qui dit la même chose. Vous serez prévenu de sa suite."
        ),
    ),
    "handed": (
        gettext_lazy("Signalement transmis à %(who)s"),
        gettext_lazy("Votre signalement « %(what)s » a été transmis : %(who)s s'en charge désormais."),
    ),
    "reopened": (
        gettext_lazy("Signalement rouvert : %(what)s"),
        gettext_lazy("%(who)s reprend votre signalement « %(what)s »."),
    ),
}

_FAMILY = gettext_lazy("Vos signalements : reçu, pris en charge, réparé")
_BY = (Channel.EMAIL, Channel.SMS, Channel.PUSH, Channel.LETTER)

MESSAGES = (
    MessageKind("controlroom.report_received", "controlroom.report", _FAMILY, received, by=_BY),
    MessageKind("controlroom.report_told", "controlroom.report", _FAMILY, stepped, by=_BY),
)
