"""What the guided tour shows of the control room, to each role."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import TourStep

TOURS = {
    "operator": (
        TourStep(
            _("La carte des équipements"),
            _(
                "Carrefours, bornes, lumières, capteurs : leur état se dit lui-même. À droite, ce qui attend quelqu'un."
            ),
            "controlroom:board",
            "controlroom.equipment.see",
            "panel",
        ),
        TourStep(
            _("Les alarmes"),
            _(
                "Une règle parle quand une mesure sort de l'ordinaire. Prenez l'alarme en charge, ou ouvrez un incident."
            ),
            "controlroom:alarms",
            "controlroom.alarm.see",
            "alarms",
        ),
        TourStep(
            _("Les incidents"),
            _(
                "Chaque incident dit ce qui presse. Dedans : la procédure pas à pas, la main courante, le compte rendu."
            ),
            "controlroom:incidents",
            "controlroom.incident.see",
            "board",
        ),
        TourStep(
            _("Les commandes"),
            _(
                "Une commande n'est faite que quand l'équipement le confirme. Les dangereuses demandent deux personnes."
            ),
            "controlroom:commands",
            "controlroom.command.see",
            "now",
        ),
        TourStep(
            _("Revoir un moment"),
            _(
                "Tirez la ligne du temps : la carte, les alarmes et les commandes redeviennent ce qu'elles étaient."
            ),
            "web:past",
            "journal.see",
        ),
    ),
}
