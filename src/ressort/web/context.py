"""What every page knows: ``shell``, computed only as far as the template asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ressort.core import registry
from ressort.core.accounts import policy
from ressort.core.clock import ClockReading
from ressort.core.clock import reading as clock_reading
from ressort.core.installation import reading
from ressort.core.installation.models import Installation
from ressort.core.live import tokens as live_tokens
from ressort.core.registry import MenuItem
from ressort.web import house, tokens, tours, words

NIGHT = range(7, 20)  # hours of service time outside which the console is dark unless somebody chose


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the rail: an entry of a service's menu."""

    label: str
    url: str
    icon: str
    current: bool
    daily: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """A service in the rail with the entries that the person may open."""

    name: str
    label: str
    icon: str
    hue: str
    entries: tuple[Entry, ...]
    current: bool
    open: bool

    @property
    def daily(self) -> list[Entry]:
        """Return the entries shown at once; all of them when they are few."""
        return [one for one in self.entries if one.daily or len(self.entries) <= FEW]

    @property
    def others(self) -> list[Entry]:
        """Return the entries under « Plus »."""
        return [one for one in self.entries if one not in self.daily]

    @property
    def unfolded(self) -> bool:
        """Tell whether the page at hand is one of those under « Plus »."""
        return any(one.current for one in self.others)


FEW = 7
"""Entries that the rail shows without folding any."""


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return name if name.startswith("/") else ""


class Shell:
    """The frame of a page for one request. Each property is computed when first read.

    In templates: ``shell.territory``, ``shell.clock``, ``shell.person``, ``shell.groups``, ``shell.doors``,
    ``shell.layers``, ``shell.map_version``, ``shell.banner``, ``shell.demo``, ``shell.phone``, ``shell.theme``,
    ``shell.installation``, ``shell.languages``, ``shell.logo``, ``shell.tour``.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.demo: bool = settings.DEMO
        self.installation: Installation = reading.current()
        self.phone: str = words.phone(reading.phone()).replace(words.NBSP, " ")
        self.language: str = (get_language() or "fr")[:2]
        self.theme: str = (
            request.COOKIES.get("theme", "") if request.COOKIES.get("theme") in {"light", "dark"} else ""
        )
        self.accent: str = tokens.accent_style(reading.accent())
        self.languages: list[tuple[str, str]] = reading.languages()

    @cached_property
    def banner(self) -> dict[str, Any] | None:
        """What is announced at the head of every page, if a service announces something."""
        said = (service.banner() for service in registry.services() if service.banner)
        return next((one for one in said if one), None)

    @cached_property
    def territory(self) -> str:
        """Name of the territory."""
        if named := reading.name():
            return named
        from ressort.core.territory.models import Territory

        found = Territory.objects.filter(parent=None).values_list("name", flat=True).first()
        return found or "Ressort"

    @cached_property
    def clock(self) -> ClockReading:
        """Service time, its rate, and whether it is simulated."""
        return clock_reading()

    @cached_property
    def here(self) -> Any:
        """Service time in the territory's zone."""
        return self.clock.now.astimezone(self.zone())

    @staticmethod
    def zone() -> ZoneInfo:
        """Return the territory's time zone."""
        return ZoneInfo(settings.TIME_ZONE)

    @cached_property
    def console_theme(self) -> str:
        """Theme of the console: the chosen one, else dark at night."""
        return self.theme or ("" if self.here.hour in NIGHT else "dark")

    @property
    def person(self) -> Any:
        """Whoever is signed in, or None."""
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    def may(self, verb: str) -> bool:
        """Tell whether this person may do ``verb``."""
        return policy.allowed(self.request.user, verb).ok

    @cached_property
    def groups(self) -> list[Group]:
        """Services of the rail and the house's own group, with the entries this person may open."""
        match = self.request.resolver_match
        found = []
        for service in registry.services():
            if entries := self._entries(service.menu):
                here = bool(match and service.name in match.namespaces) or any(one.current for one in entries)
                found.append(
                    Group(service.name, str(service.label), service.icon, service.hue, entries, here, here)
                )
        if entries := self._entries(house.MENU):
            here = any(self.request.path.startswith(entry.url) for entry in entries)
            found.append(
                Group("administration", _("Administration"), "settings", "idle", entries, here, here)
            )
        services = [group for group in found if group.name != "administration"]
        if len(services) == 1 and not any(group.open for group in found):
            only = services[0]
            found[found.index(only)] = Group(
                only.name, only.label, only.icon, only.hue, only.entries, only.current, open=True
            )
        return found

    def _entries(self, menu: Iterable[MenuItem]) -> tuple[Entry, ...]:
        """Return the entries this person may open; the page at hand is that of the longest address it begins with."""
        opened = [(item, url) for item in menu if self.may(item.verb) and (url := _address(item.url))]
        path = self.request.path
        nearest = max((url for _item, url in opened if path.startswith(url)), key=len, default=None)
        return tuple(
            Entry(str(item.label), url, item.icon, url == nearest, item.daily) for item, url in opened
        )

    @property
    def compact(self) -> bool:
        """Tell whether this browser wants tight rows in the console."""
        return self.request.COOKIES.get("density") == "compact"

    @cached_property
    def commands(self) -> list[dict[str, str]]:
        """Pages that the command palette offers: every entry this person may open, services first."""
        pages = [
            {"label": entry.label, "group": group.label, "url": entry.url, "icon": entry.icon}
            for group in self.groups
            for entry in group.entries
        ]
        own = (
            (_("Carte"), "web:console", "map"),
            (_("Mur d'images"), "web:wall", "expand"),
            (_("Mon espace"), "web:account", "person"),
            (_("Portail public"), "web:home", "home"),
        )
        return [
            *pages,
            *({"label": label, "group": "", "url": reverse(name), "icon": icon} for label, name, icon in own),
        ]

    @cached_property
    def logo(self) -> str:
        """Address of the installation's logo, empty when it has none."""
        name = self.installation.logo
        return reverse("web:logo", kwargs={"name": name}) if name else ""

    @cached_property
    def doors(self) -> list[dict[str, Any]]:
        """Doors of the portal, in the order of the settings."""
        return [
            {"door": service.door, "hue": service.hue, "url": _address(service.door.url)}
            for service in registry.services()
            if service.door and (reading.is_open(service.name) or self.may_console)
        ]

    @cached_property
    def tour(self) -> tours.GuidedTour | None:
        """The guided tour of whoever is signed in."""
        return tours.of(self.request)

    @cached_property
    def may_console(self) -> bool:
        """Tell whether the console's link is worth showing."""
        return self.person is not None and self.may("console.see")

    @cached_property
    def may_contest_for(self) -> bool:
        """Tell whether this person may contest a decision for somebody else."""
        return self.person is not None and self.may("appeal.make_for")

    @cached_property
    def may_journal(self) -> bool:
        """Tell whether the journal is shown at the foot of the console."""
        return self.may("journal.see")

    @cached_property
    def map_version(self) -> str:
        """Identifier of the street network shown, empty when none is loaded."""
        version = self._network
        return str(version["id"]) if version else ""

    @cached_property
    def map_bounds(self) -> list[float]:
        """``[west, south, east, north]`` of the street network, empty when none is loaded."""
        return list(self._network["bounds"]) if self._network else []

    @cached_property
    def _network(self) -> dict[str, Any] | None:
        from ressort.core.network.models import NetworkVersion

        found = (
            NetworkVersion.objects.filter(state=NetworkVersion.State.ACTIVE).values("id", "bounds").first()
        )
        return dict(found) if found else None

    @cached_property
    def layers(self) -> list[dict[str, Any]]:
        """Map layers this person may see, as the map's script reads them."""
        return [
            {
                "key": layer.key,
                "label": str(layer.label),
                "service": str(service.label),
                "source": layer.source,
                "tiles": layer.tiles,
                "shape": layer.shape,
                "hue": service.hue if layer.hue == "service" else layer.hue,
                "visible": layer.visible,
                "past": layer.past,
                "topic": layer.topic,
                "channel": layer.topic.removeprefix("latest:") if layer.topic.startswith("latest:") else "",
                "token": live_tokens.sign(layer.topic) if layer.topic else "",
            }
            for service, layer in registry.layers()
            if self.may(layer.verb)
        ]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: give ``shell`` and ``now`` (service time, read at first use) to every template."""
    timezone.activate(settings.TIME_ZONE)
    return {"shell": Shell(request)}
