"""Plausible names for fictitious people."""

import random

_FIRST = (
    "Adèle Agnès Alain Alice Amel André Anne Antoine Aya Béatrice Bruno Camille Carole Chantal Chloé Claude Damien "
    "David Denise Élise Émile Emma Éric Fatima Florence François Gaëlle Georges Gérard Hélène Hugo Inès Isabelle "
    "Jacques Jade Jean Jeanne Joël Julie Karim Laura Léa Léo Lina Louis Lucie Madeleine Malik Manon Marc Marie Mathis "
    "Maya Michel Mohamed Monique Nadia Nathan Nicole Noé Odile Olivier Oumar Pascal Patrick Paul Pauline Pierre Rachid "
    "Raphaël Rémi René Rose Sabrina Samuel Sarah Simon Solange Sophie Stéphane Sylvie Thomas Valérie Victor Yasmine Yves "
    "Zoé"
).split()
_LAST = (
    "Arnaud Aubert Barbier Baron Benoit Berger Bernard Bertrand Blanc Bonnet Boucher Bourgeois Boyer Brun Carpentier "
    "Chevalier Clément Colin Cordier Da-Silva David Denis Diallo Dubois Dufour Dumont Dupont Durand Fabre Faure Fleury "
    "Fontaine Fournier François Gaillard Garcia Garnier Gauthier Gautier Gérard Girard Guérin Guillaume Haddad Henry "
    "Hubert Jacquet Joly Lacroix Lambert Leclerc Lefebvre Legrand Lemaire Leroux Lopez Lucas Mallet Marchand Martin "
    "Martinez Masson Mercier Meunier Meyer Michel Moreau Morel Muller Nguyen Nicolas Noël Perrin Petit Philippe Picard "
    "Renard Renaud Rey Richard Rivière Robert Robin Roche Rousseau Roussel Roux Roy Schmitt Simon Thomas Traoré Vasseur "
    "Vidal Vincent"
).split()


def full_name(chance: random.Random) -> str:
    """Return a first and a last name."""
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST).replace('-', ' ')}"
