"""Names of streets: invented people, and the words French towns like. None is taken from a real map."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from ressort.twin.town.facts import COMMUNES
from ressort.twin.town.streets import Edge, Streets

_FIRST = (  # noqa: SIM905 - a name a line would fill the file
    "Adèle;Agathe;Albertine;Alphonse;Amédée;Anaïs;Anatole;Antonin;Apolline;Armand;Augustine;"
    "Aurélien;Barnabé;Bastien;Bérénice;Blanche;Camille;Céleste;Clémence;Clotilde;Colette;"
    "Corentin;Désiré;Edmée;Élise;Éloi;Émilienne;Ernestine;Estelle;Eugène;Fanny;Félicie;Firmin;"
    "Flore;Gabrielle;Gaspard;Germaine;Gustave;Hélène;Hippolyte;Honorine;Irène;Isidore;Jeanne;"
    "Joachim;Joséphine;Justin;Lazare;Léonie;Léopold;Lucienne;Ludovic;Madeleine;Marceline;"
    "Mathilde;Maxence;Nestor;Noémie;Octave;Odette;Pauline;Philomène;Prosper;Quentin;Rosalie;"
    "Sidonie;Suzanne;Théodore;Ursule;Valentine;Victorine;Zélie"
).split(";")
_LAST = (  # noqa: SIM905 - a name a line would fill the file
    "Abreuvant;Arquebois;Aubelin;Bardelot;Beauclair;Belorgier;Berthenet;Boisdron;Bonnardel;"
    "Bouchetard;Bressandier;Brulard;Cadoret-Vial;Carteron;Chalandre;Chambertot;Champrenaut;"
    "Charbonnat;Chaussier;Clavelin;Corbeton;Courtépine;Cussonier;Damerey;Darbelin;Demoncey;"
    "Desvignot;Ducharnel;Échenoz-Rolin;Fauconnet;Ferriquet;Flavinot;Fontagnet;Fromageot-Lys;"
    "Gaudrillet;Gevreau;Girardelle;Goussard;Grivelet;Guenichot;Héricourt-Blin;Huguenet;Jacotelle;"
    "Jeandroz;Joblotte;Labergerie;Lamblinot;Lanterneau;Larmonier;Lavirotte;Legouzot;Lhuillery;"
    "Longepierre;Maladière;Marcenay;Maîtrejean;Méloisey;Montculot;Morizotte;Mouillebec;Nivernat;"
    "Noirot-Val;Ormancey;Palissot;Pélissonnier;Perrenet;Piroulas;Pontaillet;Quincerot;Rabutel;"
    "Ravière;Renardet;Rougemontel;Sabardin;Saulnier-Prost;Sercey;Tarperon;Thénardelle;Tournoir;"
    "Vadelaine;Vauchignon;Vernoisot;Vieillard-Roy;Villotte;Vougerel"
).split(";")
_THINGS = (  # noqa: SIM905 - a name a line would fill the file
    "Acacias;Alouettes;Amandiers;Ancolies;Arbalétriers;Argousiers;Aubépines;Bateliers;"
    "Bergeronnettes;Blanchisseuses;Bleuets;Bouleaux;Bouvreuils;Bruyères;Buis;Capucines;Carriers;"
    "Cerisiers;Chaudronniers;Charmes;Chênes Verts;Chèvrefeuilles;Cigognes;Clématites;Cognassiers;"
    "Coquelicots;Cordiers;Coteaux;Couteliers;Drapiers;Écluses;Églantines;Épinettes;Fauvettes;"
    "Ferronniers;Feuillantines;Forgerons;Fougères;Framboisiers;Frênes;Genêts;Giroflées;Glaïeuls;"
    "Glycines;Grands Champs;Grappes;Grillons;Groseilliers;Hautes Herbes;Hérons;Hirondelles;"
    "Horlogers;Houx;Jacinthes;Jardiniers;Jonquilles;Lavandières;Lilas;Libellules;Luthiers;"
    "Marguerites;Martinets;Maraîchers;Mésanges;Meuniers;Mirabelliers;Moissons;Moutardiers;"
    "Muriers;Musiciens;Myosotis;Narcisses;Noisetiers;Noyers;Ormes;Orchidées;Orfèvres;Papetiers;"
    "Passereaux;Peaussiers;Pervenches;Petits Prés;Peupliers;Pinsons;Pivoines;Platanes;Pommiers;"
    "Potiers;Primevères;Quatre Vents;Relieurs;Roitelets;Roseaux;Sablons;Saules;Sauges;Sorbiers;"
    "Sources;Tanneurs;Tilleuls;Tisserands;Tonneliers;Tourterelles;Troènes;Tuileries;Vanniers;"
    "Vergers;Verriers;Vieilles Vignes;Vignerons;Violettes"
).split(";")
_BOULEVARDS = (
    "des Remparts",
    "de la Porte Neuve",
    "des Tanneries",
    "du Bastion",
    "des Fossés",
    "de l'Arsenal",
    "des Casernes Vieilles",
    "du Mail",
    "de la Croix Blanche",
    "des Trois Portes",
    "du Belvédère",
)
_OLD = (
    "des Forges Vieilles",
    "de la Grande Halle",
    "du Puits Couvert",
    "de la Chouette Blanche",
    "du Vieux Change",
    "des Poids et Mesures",
    "du Parvis",
    "de l'Écu d'Or",
    "des Trois Clés",
    "de la Monnaie Vieille",
)


class Names:
    """Gives each street of each commune a name that no other there has."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        people = [f"{first} {last}" for first in _FIRST for last in _LAST]
        rng.shuffle(people)
        self._people = people
        self._taken: dict[int, set[str]] = defaultdict(set)

    def of(self, edges: list[Edge], towards: str, commune: int) -> str:
        """Return a new name for a street."""
        first = edges[0]
        length = sum(edge.length for edge in edges)
        if towards.startswith("ring"):
            return self._one(commune, [f"Boulevard {name}" for name in _BOULEVARDS], "Boulevard")
        if towards == "core":
            return self._one(commune, [f"Rue {name}" for name in _OLD], "Rue")
        if first.kind == "artery" and towards and not towards.startswith(("spoke", "local", "out")):
            word = "Avenue" if first.want < 60_000 else "Route"
            target = towards if towards != COMMUNES[commune].name else "Dijon"
            return self._one(commune, [f"{word} {_of(target)}"], word)
        word = self._word(first, length)
        return self._one(commune, [], word)

    def place(self, commune: int, word: str) -> str:
        """Return a name for a square, a roundabout, a school."""
        return self._one(commune, [], word)

    def _word(self, edge: Edge, length: float) -> str:
        if edge.cls == "primary" or (edge.kind == "artery" and edge.cls == "secondary"):
            return "Avenue" if edge.want < 60_000 else "Route"
        if edge.cls in {"track", "path"} or edge.want > 60_000:
            return "Chemin"
        if edge.cls == "tertiary":
            return "Avenue" if length > 900 else "Rue"
        if edge.kind == "front":
            return "Quai" if length > 600 else "Rue"
        draw = self._rng.random()
        if length < 130 and draw < 0.3:
            return "Impasse" if draw < 0.2 else "Passage"
        return "Allée" if draw > 0.9 else "Rue"

    def _one(self, commune: int, wished: list[str], word: str) -> str:
        taken = self._taken[commune]
        for name in wished:
            if name not in taken:
                taken.add(name)
                return name
        plural = word in {
            "Rue",
            "Allée",
            "Chemin",
            "Impasse",
            "Passage",
            "Quai",
            "Square",
            "École",
            "Rond-point",
        }
        for _ in range(40):
            if plural and self._rng.random() < 0.45:
                name = f"{word} des {self._rng.choice(_THINGS)}"
            else:
                name = f"{word} {self._people[int(self._rng.integers(len(self._people)))]}"
            if name not in taken:
                break
        taken.add(name)
        return name


def _of(place: str) -> str:
    return f"d'{place}" if place[0] in "AEIOUÉ" else f"de {place}"


def name_streets(rng: np.random.Generator, streets: Streets) -> Names:
    """Name every street, commune by commune; boulevards change name as they go round."""
    names = Names(rng)
    groups: dict[tuple[int, int, int], list[Edge]] = defaultdict(list)
    for edge in streets.edges:
        if edge.kind == "bypass":
            edge.name = "" if edge.ramp else "Rocade"
            continue
        if edge.roundabout and edge.want > 60_000:
            continue
        towards = streets.towards[edge.street]
        sector = 0
        if towards.startswith("ring"):
            x, y = edge.line.mean(axis=0)
            sector = int((math.atan2(y, x) + math.pi) / (math.pi / 4))
        groups[edge.street, edge.commune, sector].append(edge)
    for (street, commune, _), edges in sorted(groups.items(), key=lambda item: item[0]):
        towards = streets.towards[street]
        name = (
            names.place(commune, "Rond-point")
            if towards == "roundabout"
            else names.of(edges, towards, commune)
        )
        for edge in edges:
            edge.name = name
    return names
