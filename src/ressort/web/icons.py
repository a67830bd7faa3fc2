"""The pictograms of the house: drawn for it, on a 24 px grid, with one stroke width.

Each entry is the inside of an ``<svg viewBox="0 0 24 24">``. Round caps, two-pixel margins, no fill except the
small dots marked ``class="full"``. Add one here and it appears on the style page.
"""

from __future__ import annotations

from functools import cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

_DOT = '<circle class="full" cx="{}" cy="{}" r="{}" fill="currentColor" stroke="none"/>'

ICONS: dict[str, str] = {
    # moving
    "van": '<path d="M3 16.5V8a1.5 1.5 0 0 1 1.5-1.5h9.2a2 2 0 0 1 1.6.8l3.6 4.7 1.5.6a1 1 0 0 1 .6.9v3h-2"/>'
    '<path d="M9.3 16.5h5.2M3 16.5h1.6M3 12h15M10 6.5V12"/><circle cx="7" cy="17" r="2.2"/><circle cx="16.8" cy="17" r="2.2"/>',
    "bus": '<rect x="4" y="3.5" width="16" height="14.5" rx="2.5"/><path d="M4 11.5h16M8 18v2.5M16 18v2.5"/>'
    + _DOT.format(8, 14.8, 1.1)
    + _DOT.format(16, 14.8, 1.1),
    "stop": '<path d="M7 21V3.5"/><rect x="7" y="3.5" width="11" height="8.5" rx="1.5"/><path d="M4 21h6M10 7.7h5"/>',
    "walk": '<circle cx="13" cy="4.3" r="1.8"/><path d="M12.4 8.6 10.8 14l3 2.6 1 4.9M10.8 14l-1 3.3-2.6 4.2'
    'M12.4 8.6 8.6 10.5l-.9 3.2M12.4 8.6l2.8 3 3 1.1"/>',
    "seat": '<path d="M7 3.5 8.6 13h7.2a1.8 1.8 0 0 1 1.8 1.5l.4 3H9.2a2 2 0 0 1-2-1.6L5 5.4"/><path d="M10 17.5V21M16.5 17.5V21M8 9h5"/>',
    "wheelchair": '<circle cx="10" cy="4" r="1.7"/><path d="M10 7.5v6h5.5l2.5 5 2-.8M10 10h4.5"/><path d="M8 11.4a5 5 0 1 0 6.6 6.3"/>',
    "luggage": '<rect x="5.5" y="7.5" width="13" height="11.5" rx="2"/><path d="M9 7.5V4.5A1.5 1.5 0 0 1 10.5 3h3A1.5 1.5 0 0 1 15 4.5v3M9.5 11v4.5M14.5 11v4.5M8 19v2M16 19v2"/>',
    "route": '<circle cx="6" cy="18.5" r="2.3"/><circle cx="18" cy="5.5" r="2.3"/><path d="M8.3 18.5h7.2a3.2 3.2 0 0 0 0-6.5h-7a3.2 3.2 0 0 1 0-6.5h7.2"/>',
    "map": '<path d="m3.5 6.5 5.7-2.4 5.6 2.4 5.7-2.4v13.4l-5.7 2.4-5.6-2.4-5.7 2.4zM9.2 4.1v13.4M14.8 6.5v13.4"/>',
    "pin": '<path d="M12 21.5s7-6.2 7-11.6a7 7 0 1 0-14 0c0 5.4 7 11.6 7 11.6z"/><circle cx="12" cy="9.8" r="2.5"/>',
    "locate": '<circle cx="12" cy="12" r="6.2"/><circle class="full" cx="12" cy="12" r="2" fill="currentColor" stroke="none"/><path d="M12 2.5v3.3M12 18.2v3.3M2.5 12h3.3M18.2 12h3.3"/>',
    "compass": '<circle cx="12" cy="12" r="9"/><path d="m15.5 8.5-2 5-5 2 2-5z"/>',
    "signal": '<rect x="7.5" y="2.5" width="9" height="19" rx="4.5"/><circle cx="12" cy="7" r="1.6"/><circle cx="12" cy="12" r="1.6"/><circle cx="12" cy="17" r="1.6"/>',
    "bollard": '<path d="M8.5 21V8.5a3.5 3.5 0 0 1 7 0V21M8.5 11.5h7M8.5 15h7M5 21h14"/>',
    "charge": '<path d="M13.5 2.5 5 13.5h6l-1 8 8.5-11h-6z"/>',
    # time
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 6.8V12l3.6 2.2"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 2.8V6.5M16 2.8V6.5"/>',
    "play": '<path d="M7.5 4.8v14.4a.6.6 0 0 0 .9.5l11-7.2a.6.6 0 0 0 0-1l-11-7.2a.6.6 0 0 0-.9.5z"/>',
    "pause": '<path d="M8 5v14M16 5v14" stroke-width="3"/>',
    "fast-forward": '<path d="M3.5 6.2v11.6a.5.5 0 0 0 .8.4l7.7-5.8a.5.5 0 0 0 0-.8L4.3 5.8a.5.5 0 0 0-.8.4zM12.5 6.2v11.6a.5.5 0 0 0 .8.4l7.7-5.8a.5.5 0 0 0 0-.8l-7.7-5.8a.5.5 0 0 0-.8.4z"/>',
    "history": '<path d="M3.5 12a8.5 8.5 0 1 0 2.8-6.3L3.5 8.2M3.5 3.7v4.5H8M12 7.3V12l3 2"/>',
    # answers
    "alert": '<path d="M12 3.6 2.8 19.2a1 1 0 0 0 .9 1.5h16.6a1 1 0 0 0 .9-1.5L12 3.6zM12 9.5v5"/>'
    + _DOT.format(12, 17.4, 1.1),
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5"/>' + _DOT.format(12, 7.6, 1.2),
    "question": '<circle cx="12" cy="12" r="9"/><path d="M9.3 9.3a2.8 2.8 0 1 1 4.3 2.5c-1 .6-1.6 1.1-1.6 2.2"/>'
    + _DOT.format(12, 17, 1.1),
    "check": '<path d="m4.5 12.7 5 5L19.5 6.8"/>',
    "check-circle": '<circle cx="12" cy="12" r="9"/><path d="m8 12.4 2.8 2.8L16.2 9.3"/>',
    "cross": '<path d="M6 6l12 12M18 6 6 18"/>',
    "cross-circle": '<circle cx="12" cy="12" r="9"/><path d="m9 9 6 6M15 9l-6 6"/>',
    "half": '<circle cx="12" cy="12" r="9"/><path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor"/>',
    "ring": '<circle cx="12" cy="12" r="8.5"/>',
    "ring-dashed": '<circle cx="12" cy="12" r="8.5" stroke-dasharray="3.6 3.2"/>',
    "dot": '<circle class="full" cx="12" cy="12" r="5" fill="currentColor" stroke="none"/>',
    "square": '<rect x="5" y="5" width="14" height="14" rx="2"/>',
    "undo": '<path d="M8.5 4.5 4 9l4.5 4.5"/><path d="M4 9h10.5a5.5 5.5 0 0 1 0 11H9"/>',
    "refresh": '<path d="M20 11.5A8 8 0 0 0 5.3 7.8L3.5 10M3.5 5v5h5M4 12.5a8 8 0 0 0 14.7 3.7l1.8-2.2M20.5 19v-5h-5"/>',
    "lock": '<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8 10.5V7.5a4 4 0 0 1 8 0v3M12 14.5v2.5"/>',
    "hourglass": '<path d="M6.5 3h11M6.5 21h11M8 3v3.5c0 2.2 4 3.7 4 5.5s-4 3.3-4 5.5V21M16 3v3.5c0 2.2-4 3.7-4 5.5s4 3.3 4 5.5V21"/>',
    # people and places
    "person": '<circle cx="12" cy="7.7" r="4"/><path d="M4.5 20.5c.7-4 3.7-6 7.5-6s6.8 2 7.5 6"/>',
    "people": '<circle cx="9" cy="8.2" r="3.4"/><path d="M2.7 19.5c.5-3.4 2.9-5.2 6.3-5.2s5.8 1.8 6.3 5.2"/><path d="M15.5 5.2a3.4 3.4 0 0 1 0 6.2M17.6 14.7c2 .7 3.3 2.3 3.7 4.8"/>',
    "home": '<path d="m3.5 11.3 8.5-7.4 8.5 7.4"/><path d="M5.8 9.6v10.2h12.4V9.6M10 19.8v-5.6h4v5.6"/>',
    "hospital": '<rect x="4" y="4" width="16" height="16" rx="2.5"/><path d="M12 8v8M8 12h8" stroke-width="2.4"/>',
    "town-hall": '<path d="M3.5 9.2 12 4l8.5 5.2zM5.5 9.5v8M9.8 9.5v8M14.2 9.5v8M18.5 9.5v8M3.5 20.3h17M4.5 17.5h15"/>',
    "school": '<path d="m2.5 9 9.5-4.5L21.5 9 12 13.5z"/><path d="M6.5 11v5c1.4 1.4 3.3 2 5.5 2s4.1-.6 5.5-2v-5M21.5 9v5.5"/>',
    "station": '<rect x="6" y="3" width="12" height="14" rx="3"/><path d="M6 10.5h12M12 3v7.5M8.5 17 6 21M15.5 17l2.5 4"/>'
    + _DOT.format(9.2, 13.8, 1)
    + _DOT.format(14.8, 13.8, 1),
    "phone": '<path d="M5.2 3.5h3.300l1.7 4.3-2.2 1.700a13 13 0 0 0 6.5 6.5l1.7-2.2 4.3 1.700v3.300a1.7 1.7 0 0 1-1.8 1.700C10.7 20 4 13.3 3.5 5.300a1.7 1.7 0 0 1 1.7-1.800z"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3.5 7 8.5 6.5L20.5 7"/>',
    "bell": '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.800h4M12 3v2"/>',
    "print": '<path d="M7 8.5V3.5h10v5M7 16.5H5A1.5 1.5 0 0 1 3.5 15v-5A1.5 1.5 0 0 1 5 8.5h14a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1-1.5 1.5h-2"/><rect x="7" y="13.5" width="10" height="7"/>',
    # work of the six services
    "leaf": '<path d="M5 19c-1.5-8 3-14 15-14.5C20.5 15 15 20 8.5 17.8"/><path d="M3.5 21c2-5.5 5-8.5 9.5-10.5"/>',
    "tools": '<path d="M14.2 6.800a4 4 0 0 1 5.3-3.700l-2.4 2.4 1.4 1.4 2.4-2.400a4 4 0 0 1-5.2 5L8 17.200a2 2 0 0 1-2.8-2.800z"/><path d="m4 4 5.5 5.5M14.5 14.5l5.5 5.5"/>',
    "chart": '<path d="M3.5 20.5h17M6.5 17v-5M11 17V7M15.5 17v-7.5M20 17V4"/>',
    "hand": '<path d="M8.2 12.5V5.700a1.5 1.5 0 0 1 3 0v5M11.2 10.5V4.300a1.5 1.5 0 0 1 3 0v6.200M14.2 10.700V6a1.5 1.5 0 0 1 3 0v8.5c0 4-2.5 6.5-6 6.5-3 0-4.5-1.5-6.2-4.5l-2-3.600a1.5 1.5 0 0 1 2.5-1.600l2.7 3"/>',
    "shield": '<path d="M12 2.8 4.5 5.5v6c0 4.7 3 8 7.5 9.7 4.5-1.7 7.5-5 7.5-9.700v-6z"/><path d="m8.7 12 2.3 2.3 4.3-4.6"/>',
    "gauge": '<path d="M4.3 18.5a9 9 0 1 1 15.4 0"/><path d="m12 14 4-5.5"/>' + _DOT.format(12, 14, 1.4),
    "box": '<path d="m12 3 8.5 4.5v9L12 21l-8.5-4.5v-9zM3.7 7.6 12 12l8.3-4.400M12 12v9"/>',
    "book": '<path d="M12 6.5C10 5 7 4.5 3.5 4.5v13.5c3.5 0 6.5.5 8.5 2 2-1.5 5-2 8.5-2V4.5C17 4.5 14 5 12 6.5zM12 6.5V20"/>',
    # tools of the screen
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "layers": '<path d="m12 3.5 9 4.7-9 4.7-9-4.700zM3.5 12.5l8.5 4.4 8.5-4.400M3.5 16.5l8.5 4.4 8.5-4.4"/>',
    "list": '<path d="M8.5 6h12M8.5 12h12M8.5 18h12"/>'
    + _DOT.format(4, 6, 1.3)
    + _DOT.format(4, 12, 1.3)
    + _DOT.format(4, 18, 1.3),
    "table": '<rect x="3.5" y="4.5" width="17" height="15" rx="1.5"/><path d="M3.5 9.5h17M3.5 14.5h17M10 4.5v15"/>',
    "gantt": '<path d="M3.5 3.5v17h17"/><rect x="6.5" y="5" width="7" height="3" rx="1"/><rect x="9.5" y="10" width="8.5" height="3" rx="1"/><rect x="12.5" y="15" width="7.5" height="3" rx="1"/>',
    "settings": '<path d="M4 7h9M17 7h3M4 12h2M10 12h10M4 17h8M16 17h4"/><circle cx="15" cy="7" r="2"/><circle cx="8" cy="12" r="2"/><circle cx="14" cy="17" r="2"/>',
    "filter": '<path d="M3.5 5h17l-6.5 8v5.5l-4 2V13z"/>',
    "eye": '<path d="M2.5 12C5 7.5 8.2 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.7 6.5-9.5 6.5s-7-2-9.5-6.5z"/><circle cx="12" cy="12" r="2.8"/>',
    "edit": '<path d="m14.5 5 4.5 4.5L8.5 20H4v-4.5zM12.5 7l4.5 4.5"/>',
    "trash": '<path d="M4.5 6.5h15M9.5 6.5V4h5v2.5M6.5 6.5 7.5 20h9l1-13.5M10 10.5v6M14 10.5v6"/>',
    "download": '<path d="M12 3.5V15M7.5 10.8 12 15.200l4.5-4.400M4 20h16"/>',
    "external": '<path d="M13.5 4H20v6.5M20 4l-9.5 9.5M17.5 14v5.5a.5.5 0 0 1-.5.5H4.5a.5.5 0 0 1-.5-.5V7a.5.5 0 0 1 .5-.5H10"/>',
    "expand": '<path d="M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4"/>',
    "menu": '<path d="M4 6.5h16M4 12h16M4 17.5h16"/>',
    "more": '<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="2.8"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "chevron-right": '<path d="m9 5.5 6.5 6.5L9 18.5"/>',
    "chevron-left": '<path d="M15 5.5 8.5 12l6.5 6.5"/>',
    "chevron-down": '<path d="M5.5 9l6.5 6.5L18.5 9"/>',
    "chevron-up": '<path d="M5.5 15 12 8.5l6.5 6.5"/>',
    "arrow-right": '<path d="M4 12h15.5M13.5 6l6 6-6 6"/>',
    "arrow-left": '<path d="M20 12H4.5M10.5 6l-6 6 6 6"/>',
    "swap": '<path d="M7.5 3.5v16M3.5 7.5l4-4 4 4M16.5 20.5v-16M12.5 16.5l4 4 4-4"/>',
    "moon": '<path d="M20 14.200A8.5 8.5 0 0 1 9.8 4 8.5 8.5 0 1 0 20 14.200z"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.300l1.8 1.800M16.9 16.900l1.8 1.800M18.7 5.300l-1.8 1.800M7.1 16.900l-1.8 1.8"/>',
    "keyboard": '<rect x="2.5" y="6" width="19" height="12" rx="2"/><path d="M6 10h.01M10 10h.01M14 10h.01M18 10h.01M7 14h10" stroke-width="2.2"/>',
    "sign-out": '<path d="M10 4H5.5A1.5 1.5 0 0 0 4 5.5v13A1.5 1.5 0 0 0 5.5 20H10M9.5 12h11M16.5 8l4 4-4 4"/>',
}

# The mark of the product: a spring between two plates, which bends and comes back.
MARK = (
    '<svg class="mark" viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.6" '
    'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M7 4.5h18M7 27.5h18"/>'
    '<path d="M10 9c5.5-3 12-1.5 12 1s-12 2-12 4.6 12 2 12 4.6-6.5 4-12 3.8"/></svg>'
)


@cache
def svg(name: str, label: str = "", extra: str = "") -> SafeString:
    """Return a pictogram as inline SVG.

    Parameters
    ----------
    name : str
        A key of :data:`ICONS`; an unknown name draws ``dot``, so that a manifest's slip never breaks a page.
    label : str
        What a screen reader says; empty when a word stands beside it (the picture is then silent).
    extra : str
        More CSS classes.
    """
    inside = ICONS.get(name, ICONS["dot"])
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    classes = f"icon {escape(extra)}".strip()
    return mark_safe(
        f'<svg class="{classes}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" '
        f'stroke-linecap="round" stroke-linejoin="round" {said} focusable="false">{inside}</svg>'
    )
