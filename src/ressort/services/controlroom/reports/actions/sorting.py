"""The categories that the public may choose: changed one by one, by a file, or started from a usual list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation
from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.reports.models import ReportCategory

MOST_DAYS = 365
_CODE = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")

type Fields = Mapping[str, Any]


def find(code: str) -> ReportCategory:
    """Return a category by its code, put aside or not."""
    found = ReportCategory.objects.select_related("organisation").filter(code=code[:40]).first()
    if found is None:
        raise Unknown("category", _("Cette catégorie n'existe pas."))
    return found


def clean(fields: Fields) -> dict[str, Any]:
    """Return checked fields of a category.

    Raises
    ------
    Refused
        With the field concerned.
    """
    made = dict(fields)
    for name, most in (("name", 80), ("group", 60), ("help", 200), ("words", 200)):
        if name in made:
            made[name] = " ".join(str(made[name]).split())
            if len(made[name]) > most:
                raise Refused(
                    "long-text", _("Écrivez-le en %(most)s caractères au plus.") % {"most": most}, field=name
                )
    if "name" in made and not made["name"]:
        raise Refused(
            "bad-name", _("Donnez un nom que les gens emploient : « Trou dans la chaussée »."), field="name"
        )
    if "code" in made and not _CODE.fullmatch(str(made["code"])):
        raise Refused(
            "bad-code",
            _("Un code s'écrit en lettres minuscules, chiffres et tirets : « nid-de-poule »."),
            field="code",
        )
    if "days" in made and (made["days"] is None or not 1 <= int(made["days"]) <= MOST_DAYS):
        raise Refused("bad-days", _("Un délai va de 1 à %(most)s jours.") % {"most": MOST_DAYS}, field="days")
    if "rank" in made:
        made["rank"] = min(max(int(made["rank"] or 0), 0), 30_000)
    return made


def save(user: Any, fields: Fields, code: str = "") -> ReportCategory:
    """Create a category, or change the one that has ``code``; its code never changes.

    Raises
    ------
    Refused
        With the field concerned.
    """
    authorise(user, "controlroom.category.manage")
    present = find(code) if code else None
    wanted = clean({key: value for key, value in fields.items() if key != "code"} if code else fields)
    if present is None:
        wanted["code"] = wanted.get("code") or slugify(wanted["name"])[:40].strip("-")
        wanted = clean(wanted)
        if ReportCategory.objects.filter(code=wanted["code"]).exists():
            raise Refused(
                "code-taken",
                _("Une catégorie a déjà le code « %(code)s » : donnez-en un autre.")
                % {"code": wanted["code"]},
                status=409,
                field="code",
            )
    take(user, [wanted] if present is None else [], [(present, wanted)] if present else [], source="form")
    return find(code or wanted["code"])


def take(
    user: Any,
    new: Sequence[Fields],
    changed: Sequence[tuple[ReportCategory, Fields]],
    *,
    source: str,
) -> None:
    """Write new and changed categories and record one event, in the caller's transaction or one of its own."""
    authorise(user, "controlroom.category.manage")
    with transaction.atomic():
        codes = [ReportCategory.objects.create(**clean(fields)).code for fields in new]
        for present, fields in changed:
            ReportCategory.objects.filter(pk=present.pk).update(**clean(fields))
            codes.append(present.code)
        if codes:
            record(
                "controlroom.category.changed",
                actor=user.pid,
                payload={"count": len(codes), "codes": codes[:50], "source": source},
            )


def start(user: Any, organisation: Organisation) -> int:
    """Create the usual categories that are not there yet, all entrusted to one organisation; return how many."""
    authorise(user, "controlroom.category.manage")
    known = set(ReportCategory.objects.values_list("code", flat=True))
    new = [
        {**fields, "organisation": organisation, "rank": 10 * rank}
        for rank, fields in enumerate(USUAL, 1)
        if fields["code"] not in known
    ]
    take(user, new, [], source="usual")
    return len(new)


def _usual(code: str, group: str, name: str, days: int, words: str = "", help: str = "") -> dict[str, Any]:  # noqa: A002
    return {"code": code, "group": group, "name": name, "days": days, "words": words, "help": help}


USUAL = (
    _usual("nid-de-poule", "Chaussée et trottoirs", "Trou dans la chaussée", 10, "nid de poule, route abîmée"),
    _usual("trottoir", "Chaussée et trottoirs", "Trottoir abîmé", 20, "dalle, pavé, bordure"),
    _usual("signalisation", "Chaussée et trottoirs", "Panneau ou marquage abîmé", 15, "panneau tombé, passage piéton effacé"),
    _usual("obstacle", "Chaussée et trottoirs", "Obstacle sur la voie", 2, "branche, gravats, objet"),
    _usual("lampadaire", "Éclairage et feux", "Lampadaire en panne", 7, "éclairage public, lumière, réverbère"),
    _usual("feu", "Éclairage et feux", "Feu tricolore en panne", 1, "feu rouge, signal piéton"),
    _usual("depot-sauvage", "Propreté", "Dépôt sauvage", 3, "ordures, encombrants, déchets"),
    _usual("poubelle", "Propreté", "Poubelle pleine ou cassée", 3, "corbeille, conteneur, bac"),
    _usual("graffiti", "Propreté", "Graffiti ou affiche", 15, "tag"),
    _usual("arbre", "Arbres et parcs", "Arbre ou plantation à entretenir", 20, "branche, haie, herbe"),
    _usual("jeux", "Arbres et parcs", "Banc ou jeu cassé", 15, "mobilier urbain, aire de jeux"),
    _usual("eau", "Eau", "Fuite d'eau ou égout bouché", 2, "inondation, plaque, bouche d'égout"),
    _usual("autre", "Autre", "Autre chose", 15, "", "Décrivez-le en quelques mots à l'étape suivante."),
)  # fmt: skip
"""A list to start from, in words that people use."""
