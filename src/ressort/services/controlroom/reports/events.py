"""Every event of citizen reports, and how the timeline tells it."""

from ressort.core.journal import declare

declare(
    "controlroom.report.received",
    "Signalement reçu : {category}.",
    "category", "origin", "mandate", "typed_by", "photo", "organisation",
)  # fmt: skip
declare("controlroom.report.supported", "Une autre personne a signalé la même chose.", "follower", "origin")
declare("controlroom.report.taken", "Signalement pris en charge.")
declare("controlroom.report.released", "Signalement rendu : plus personne ne le traite.")
declare("controlroom.report.planned", "Intervention prévue pour un signalement.", "day")
declare("controlroom.report.unplanned", "L'intervention prévue pour un signalement n'aura pas lieu.")
declare("controlroom.report.done", "Signalement réparé.")
declare("controlroom.report.refused", "Signalement sans suite ({reason}).", "reason")
declare("controlroom.report.merged", "Signalement joint à un autre.", "into", "concerns")
declare("controlroom.report.handed", "Signalement confié à une autre organisation.", "organisation")
declare("controlroom.report.sorted", "Signalement changé de catégorie : {category}.", "category")
declare("controlroom.report.reopened", "Signalement rouvert.")
declare("controlroom.report.shown", "Texte et photo d'un signalement publiés.")
declare("controlroom.report.hidden", "Texte et photo d'un signalement retirés du public.")
declare("controlroom.report.forgotten", "Coordonnées d'un signalement effacées.")
declare(
    "controlroom.category.changed",
    "Catégories de signalement changées : {count}.",
    "count",
    "codes",
    "source",
)

TOLD = tuple(
    f"controlroom.report.{what}"
    for what in (
        "received",
        "supported",
        "taken",
        "planned",
        "unplanned",
        "done",
        "refused",
        "merged",
        "handed",
        "reopened",
    )
)
"""Kinds that those who follow a report hear of (``actions/writing.py``)."""
