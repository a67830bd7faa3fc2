"""What the contact screen brings to the manifest of the control room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.accounts.policy import ADMINISTRATOR, AGENT, OPERATOR
from ressort.core.registry import MenuItem, Task
from ressort.services.controlroom.contacts import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.contacts.messages import MESSAGES as MESSAGES  # noqa: PLC0414

POLICY: dict[str, dict[str, str]] = {
    "controlroom.enquiry.handle": dict.fromkeys((AGENT, OPERATOR, ADMINISTRATOR), "organisation"),
}

MENU = (MenuItem(gettext_lazy("Contact"), "controlroom:contact_new", "controlroom.enquiry.handle", "phone"),)
TOPICS = {"kind:controlroom.enquiry": "controlroom.enquiry.handle"}

SHOWN = 4


def tasks(user: Any) -> Iterable[Task]:
    """Yield one's own contacts that are late or soon due."""
    from django.urls import reverse

    from ressort.core.accounts import policy
    from ressort.services.controlroom.contacts import queries
    from ressort.services.controlroom.contacts.actions import HANDLE

    if not policy.allowed(user, HANDLE):
        return
    pressing = [one for one in queries.waiting(user) if one.clock.state in {"over", "soon"}]
    for one in pressing[:SHOWN]:
        tone = "bad" if one.clock.state == "over" else "warn"
        link = reverse("controlroom:contact", args=[one.enquiry.code])
        yield Task(_("Répondre à un contact"), link, one.subject, "phone", tone, one.clock.due)


def erase(pid: str) -> None:
    """Erase a person: the contacts an agent noted stay, signed by nobody; callers have no account here."""
    del pid  # the key to the account empties by itself


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what this part keeps of a person."""
    from ressort.services.controlroom.contacts import actions

    return actions.export(pid)
