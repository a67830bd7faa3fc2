"""Forms of the administration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ressort.core import registry
from ressort.core.accounts.models import Organisation, Role
from ressort.core.accounts.organisations import KINDS
from ressort.core.fleet.models import Vehicle
from ressort.core.installation import reading
from ressort.core.territory import actions as stops
from ressort.core.territory.models import Place
from ressort.core.territory.zones import ZONES
from ressort.web import tokens, words
from ressort.web.forms import among

ROLES = [(str(role), role.label) for role in Role if role != Role.RIDER]
_BAD_DAY = {"invalid": _("Écrivez la date ainsi : 15/09/2026.")}
_BAD_NUMBER = {"invalid": _("Écrivez un nombre entier."), "required": _("Écrivez un nombre.")}


def day_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={**_BAD_DAY, "required": _("Indiquez le jour.")},
    )


def hour_field(label: Any, **more: Any) -> forms.TimeField:
    """Return a field for a time of day."""
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M"),
        error_messages={
            "invalid": _("Écrivez l'heure ainsi : 06:30."),
            "required": _("Indiquez l'heure."),
        },
        **more,
    )


def number_field(label: Any, low: int, high: int, **more: Any) -> forms.IntegerField:
    """Return a field for a whole number; the bounds are said by the action."""
    widget = forms.NumberInput(attrs={"min": str(low), "max": str(high), "inputmode": "numeric"})
    return forms.IntegerField(label=label, widget=widget, error_messages=_BAD_NUMBER, **more)


class OrganisationChoice(forms.ModelChoiceField):
    """One of the organisations that an administrator manages."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            Organisation.objects.none(),
            to_field_name="pid",
            label=_("Organisation"),
            empty_label=None,
            error_messages={
                "required": _("Choisissez une organisation."),
                "invalid_choice": _("Choisissez une de vos organisations."),
            },
            **more,
        )


class Access(forms.Form):
    """A role in an organisation, with its end if it has one."""

    role = forms.ChoiceField(
        label=_("Rôle"),
        choices=ROLES,
        error_messages={"invalid_choice": _("Choisissez un rôle de la liste.")},
    )
    organisation = OrganisationChoice()
    until = day_field(_("Dernier jour de l'accès"), help_text=_("Vide : sans fin."))

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "organisation", organisations)
        self.fields["organisation"].initial = organisations.first()


class Invitation(Access):
    """Somebody to invite."""

    email = forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": _("Écrivez l'adresse électronique de la personne.")},
    )
    name = forms.CharField(
        label=_("Nom"), max_length=120, error_messages={"required": _("Écrivez le nom de la personne.")}
    )
    phone = forms.CharField(
        label=_("Téléphone"), max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    field_order = ("email", "name", "phone", "role", "organisation", "until")


class Coordinates(forms.Form):
    """Name and telephone of a person."""

    name = forms.CharField(
        label=_("Nom"), max_length=120, error_messages={"required": _("Écrivez le nom de la personne.")}
    )
    phone = forms.CharField(
        label=_("Téléphone"), max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )


class NewOrganisation(forms.Form):
    """An organisation to create."""

    name = forms.CharField(
        label=_("Nom"), max_length=160, error_messages={"required": _("Écrivez le nom de l'organisation.")}
    )
    kind = forms.ChoiceField(label=_("Nature"), choices=list(KINDS.items()))


class VehicleForm(forms.Form):
    """A vehicle."""

    name = forms.CharField(
        label=_("Nom"),
        max_length=60,
        help_text=_("Celui que les conducteurs et les voyageurs lisent."),
        error_messages={"required": _("Donnez un nom au véhicule.")},
    )
    organisation = OrganisationChoice()
    seats = number_field(_("Places assises"), 1, 60, initial=8)
    wheelchairs = number_field(_("Places pour fauteuil roulant"), 0, 12, initial=0)
    luggage = number_field(_("Gros bagages"), 0, 60, initial=6)
    depot = forms.ModelChoiceField(
        Place.objects.none(),
        to_field_name="public_id",
        label=_("Dépôt"),
        empty_label=None,
        help_text=_("D'où il part et où il rentre."),
        error_messages={
            "required": _("Choisissez un dépôt."),
            "invalid_choice": _("Choisissez un dépôt de la liste."),
        },
    )
    energy = forms.ChoiceField(label=_("Énergie"), choices=Vehicle.Energy.choices)
    range_km = number_field(_("Autonomie (km)"), 1, 2000, initial=200)
    active = forms.BooleanField(
        label=_("En service"),
        required=False,
        initial=True,
        help_text=_("Décochez pour le retirer des offres sans l'effacer."),
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "organisation", organisations)
        self.fields["organisation"].initial = organisations.first()
        among(self, "depot", Place.objects.filter(kind=Place.Kind.DEPOT, active=True).order_by("name"))

    @classmethod
    def of(cls, vehicle: Vehicle, **kwargs: Any) -> VehicleForm:
        """Return the form filled with a vehicle."""
        keys = ("name", "seats", "wheelchairs", "luggage", "energy", "active")
        initial = {key: getattr(vehicle, key) for key in keys}
        initial |= {"depot": vehicle.depot.public_id, "organisation": vehicle.organisation.pid}
        return cls(initial=initial | {"range_km": vehicle.range_m // 1000}, **kwargs)


class ShiftForm(forms.Form):
    """Shifts to add: one or several days of a week, one vehicle."""

    vehicle = forms.ModelChoiceField(
        Vehicle.objects.none(),
        to_field_name="pid",
        label=_("Véhicule"),
        empty_label=None,
        error_messages={
            "required": _("Choisissez un véhicule."),
            "invalid_choice": _("Choisissez un véhicule de la liste."),
        },
    )
    first = day_field(_("Du"), required=True)
    last = day_field(_("Au"), help_text=_("Vide : ce seul jour."))
    opens = hour_field(_("Début"))
    closes = hour_field(_("Fin"), help_text=_("Avant le début : le lendemain matin."))
    driver = forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="pid",
        label=_("Conducteur"),
        required=False,
        empty_label=_("Personne encore"),
    )


class StopForm(forms.Form):
    """A stop or a depot; where it is comes from the address beside, or from the coordinates."""

    name = forms.CharField(
        label=_("Nom"), max_length=200, error_messages={"required": _("Donnez un nom à ce lieu.")}
    )
    kind = forms.ChoiceField(
        label=_("Nature"),
        choices=lambda: [(str(kind), str(kind.label).capitalize()) for kind in stops.KINDS],
        widget=forms.RadioSelect,
        initial="stop",
    )
    lon = forms.CharField(
        label=_("Longitude"), required=False, max_length=20, help_text=_("Par exemple 5,041470.")
    )
    lat = forms.CharField(
        label=_("Latitude"), required=False, max_length=20, help_text=_("Par exemple 47,321580.")
    )
    accessible = forms.ChoiceField(
        label=_("Accès de plain-pied"),
        choices=[("", _("On ne sait pas")), ("yes", _("Oui")), ("no", _("Non"))],
        widget=forms.RadioSelect,
        required=False,
    )
    active = forms.BooleanField(label=_("En service"), required=False, initial=True)

    @classmethod
    def of(cls, place: Place) -> StopForm:
        """Return the form filled with a place."""
        said = {None: "", True: "yes", False: "no"}[place.accessible]
        return cls(
            initial={"name": place.name, "kind": place.kind, "lon": f"{place.lon:.6f}", "lat": f"{place.lat:.6f}",
                     "accessible": said, "active": place.active}
        )  # fmt: skip


class Branding(forms.Form):
    """What the installation says of itself."""

    name = forms.CharField(
        label=_("Nom"),
        max_length=120,
        help_text=_("En haut de chaque page."),
        error_messages={"required": _("Écrivez le nom que les habitants liront.")},
    )
    phone = forms.CharField(
        label=_("Téléphone public"),
        max_length=30,
        required=False,
        help_text=_("« Nous appeler », sur chaque page."),
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    email = forms.CharField(label=_("Adresse électronique publique"), max_length=254, required=False)
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("SVG ou PNG, 300 ko au plus."),
        widget=forms.FileInput(attrs={"accept": ".svg,.png"}),
    )
    no_logo = forms.BooleanField(label=_("Retirer le logo"), required=False)
    accent = forms.CharField(
        label=_("Couleur d'accent"),
        required=False,
        max_length=7,
        help_text=_("Boutons et liens. Elle est ajustée au besoin pour rester lisible."),
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Langues proposées"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    services = forms.MultipleChoiceField(
        label=_("Services ouverts au public"), widget=forms.CheckboxSelectMultiple, required=False
    )
    address = forms.CharField(
        label=_("Adresse postale"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    legal = forms.CharField(
        label=_("Mentions légales"),
        required=False,
        help_text=_("Éditeur, directeur de la publication, hébergeur. Un paragraphe par ligne."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    accessibility = forms.CharField(
        label=_("Contact pour l'accessibilité"),
        max_length=200,
        required=False,
        help_text=_("Une adresse ou un téléphone, sur la page Accessibilité."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser: Any = self.fields["services"]
        chooser.choices = [(one.name, one.label) for one in registry.services()]

    @classmethod
    def now(cls, suggested: str = "") -> Branding:
        """Return the form filled with what the installation says; ``suggested`` is a name while it has none."""
        row = reading.current()
        keys = ("email", "address", "legal", "accessibility")
        every = [one.name for one in registry.services()]
        return cls(
            initial={key: getattr(row, key) for key in keys}
            | {
                "phone": words.phone(row.phone).replace(words.NBSP, " "),
                "name": row.name or suggested,
                "accent": row.accent or tokens.colours("light")["accent"],
                "languages": [code for code, _label in reading.languages()],
                "services": every if row.services is None else row.services,
            }
        )

    def fields_to_change(self) -> dict[str, Any]:
        """Return what the action takes; the house's own colour is none, every service open is no list."""
        data = self.cleaned_data
        keys = ("name", "phone", "email", "address", "legal", "accessibility", "languages", "no_logo")
        wanted = {key: data[key] for key in keys}
        accent = data["accent"].lower()
        wanted["accent"] = "" if accent == tokens.colours("light")["accent"] else accent
        every = [one.name for one in registry.services()]
        wanted["services"] = None if set(data["services"]) >= set(every) else data["services"]
        logo = data["logo"]
        wanted["logo"] = logo.read(400_000) if logo else None
        return wanted


class NetworkFile(forms.Form):
    """An OpenStreetMap extract, sent or already on the server."""

    file = forms.FileField(
        label=_("Fichier OpenStreetMap"),
        required=False,
        help_text=_(".osm, .osm.gz, .osm.bz2 ou .osm.pbf."),
        widget=forms.FileInput(attrs={"accept": ".osm,.gz,.bz2,.pbf"}),
        error_messages={"empty": _("Ce fichier est vide : téléchargez-le à nouveau.")},
    )
    path = forms.CharField(
        label=_("Ou un fichier déjà sur le serveur"),
        required=False,
        max_length=500,
        help_text=_("Chemin complet, par exemple /srv/bourgogne.osm.pbf. Utile pour un gros extrait."),
    )


class CalendarFile(forms.Form):
    """An iCalendar file of school holidays."""

    file = forms.FileField(
        label=_("Fichier .ics"),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        error_messages={
            "required": _("Choisissez un fichier."),
            "empty": _("Ce fichier est vide : téléchargez-le à nouveau."),
        },
    )
    zone = forms.ChoiceField(
        label=_("Zone, si le fichier ne la dit pas"),
        choices=[("", _("Le fichier la dit")), *((letter, letter) for letter in ZONES)],
        required=False,
        error_messages={"invalid_choice": _("Les zones scolaires sont A, B et C.")},
    )
