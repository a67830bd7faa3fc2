"""Every event of paper bundles, and how the timeline tells it."""

from ressort.core.journal import declare

declare(
    "controlroom.bundle.asked", "Liasse papier {number} demandée.", "number", "situation", "why", "exercise"
)
declare("controlroom.bundle.made", "Liasse papier {number} prête.", "number", "situation", "size", "sheets")
declare("controlroom.bundle.paced", "Rythme des liasses papier changé.", "before", "minutes")
declare(
    "controlroom.bundle.print_asked", "Liasse papier {number} envoyée à l'imprimante.", "number", "situation"
)
declare("controlroom.bundle.printed", "Liasse papier {number} imprimée.", "number", "situation")
declare("controlroom.bundle.print_failed", "Liasse papier {number} : l'imprimante n'a pas répondu.",
        "number", "situation", "code")  # fmt: skip
