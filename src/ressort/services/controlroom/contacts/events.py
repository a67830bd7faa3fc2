"""Every event of contacts, and how the timeline tells it."""

from ressort.core.journal import declare

declare(
    "controlroom.enquiry.noted", "Contact noté ({channel}).",
    "channel", "kind", "mandate", "receipt", "report", "answered",
)  # fmt: skip
declare("controlroom.enquiry.answered", "Réponse donnée à un contact.", "in_time", "receipt")
declare("controlroom.enquiry.reopened", "Contact rouvert.")
