"""What the fictitious town borrows from the real one: names, populations and centres of 23 communes.

Facts about Dijon Métropole (municipal populations, centres of the communes); every street, building and place grown
around them is invented. The lines below (river, railway, bypass) are drawn by hand for the look of a town between
hills and plain; they follow no map.
"""

from __future__ import annotations

from dataclasses import dataclass

CENTRE = (5.0415, 47.3220)
EPCI = "242100410"


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune: INSEE code, name, postal code, inhabitants, centre in degrees."""

    code: str
    name: str
    postcode: str
    population: int
    lon: float
    lat: float


COMMUNES = (
    Commune("21231", "Dijon", "21000", 161_830, 5.0415, 47.3220),
    Commune("21166", "Chenôve", "21300", 14_244, 5.00491, 47.2926),
    Commune("21617", "Talant", "21240", 11_896, 4.99752, 47.33912),
    Commune("21171", "Chevigny-Saint-Sauveur", "21800", 11_108, 5.13658, 47.29987),
    Commune("21278", "Fontaine-lès-Dijon", "21121", 9_252, 5.02456, 47.34737),
    Commune("21515", "Quetigny", "21800", 8_971, 5.11512, 47.31942),
    Commune("21355", "Longvic", "21600", 8_896, 5.0529, 47.28566),
    Commune("21540", "Saint-Apollinaire", "21850", 7_544, 5.09312, 47.336),
    Commune("21390", "Marsannay-la-Côte", "21160", 5_433, 4.9845, 47.27916),
    Commune("21452", "Neuilly-Crimolois", "21800", 3_588, 5.11271, 47.27355),
    Commune("21485", "Plombières-lès-Dijon", "21370", 2_497, 4.95098, 47.33836),
    Commune("21481", "Perrigny-lès-Dijon", "21160", 2_385, 5.01976, 47.25786),
    Commune("21605", "Sennecey-lès-Dijon", "21800", 2_151, 5.1046, 47.29216),
    Commune("21003", "Ahuy", "21121", 1_718, 5.02048, 47.37112),
    Commune("21263", "Fénay", "21600", 1_708, 5.05438, 47.24492),
    Commune("21223", "Daix", "21121", 1_515, 4.96914, 47.3604),
    Commune("21473", "Ouges", "21600", 1_402, 5.07817, 47.26077),
    Commune("21315", "Hauteville-lès-Dijon", "21121", 1_195, 4.98058, 47.37573),
    Commune("21105", "Bressey-sur-Tille", "21560", 1_096, 5.18389, 47.30865),
    Commune("21106", "Bretenière", "21110", 959, 5.10376, 47.2362),
    Commune("21370", "Magny-sur-Tille", "21110", 874, 5.17241, 47.27449),
    Commune("21192", "Corcelles-les-Monts", "21160", 684, 4.94198, 47.30387),
    Commune("21270", "Flavignerot", "21160", 232, 4.91893, 47.27738),
)

# Metres from the centre, x to the east, y to the north.
RIVER = (
    (-11_500, 4_300),
    (-9_300, 3_300),
    (-7_200, 2_250),
    (-5_200, 1_650),
    (-3_700, 1_150),
    (-2_400, 650),
    (-1_500, -250),
    (-700, -1_000),
    (250, -1_450),
    (900, -2_300),
    (1_250, -3_300),
    (2_300, -4_300),
    (4_300, -5_500),
    (6_300, -7_300),
    (8_500, -9_200),
    (11_500, -10_800),
)
LAKE = ((-3_650, 1_120), (-1_980, 420))
STREAMS = (
    ((-2_600, 8_500), (-1_700, 6_200), (-600, 4_300), (250, 2_500), (150, 1_300)),
    ((12_500, 5_500), (11_300, 2_000), (10_900, -1_000), (10_300, -4_500), (9_300, -8_300)),
)
RAILS = (
    (
        (-11_500, 4_900),
        (-7_500, 2_900),
        (-4_600, 2_050),
        (-2_300, 1_150),
        (-1_300, 350),
        (-900, -200),
        (-1_150, -1_300),
        (-1_750, -2_600),
        (-2_100, -4_200),
        (-1_600, -6_500),
        (-2_300, -10_500),
    ),
    (
        (-900, -200),
        (-500, -750),
        (700, -950),
        (2_300, -1_550),
        (3_700, -3_000),
        (5_400, -5_300),
        (7_200, -8_200),
        (8_000, -10_500),
    ),
    ((2_300, -1_550), (4_300, -800), (7_500, -900), (12_500, -1_500)),
)
STATION = (-900.0, -200.0)
BYPASS = (
    (4_150, 0),
    (4_050, 1_500),
    (3_250, 2_900),
    (2_000, 3_950),
    (300, 4_350),
    (-1_500, 4_250),
    (-3_000, 3_550),
    (-4_300, 2_900),
    (-5_000, 1_900),
    (-4_900, 600),
    (-4_300, -800),
    (-3_900, -2_100),
    (-3_900, -3_400),
    (-3_200, -4_550),
    (-1_700, -4_400),
    (-300, -3_350),
    (1_000, -2_850),
    (2_600, -2_500),
    (3_900, -1_500),
)
HOSPITALS = (
    (2_150.0, 250.0, "CHU Saint-Bénigne (fictif)"),
    (-1_150.0, -2_250.0, "Clinique des Trois Rivières (fictive)"),
    (-250.0, 3_150.0, "Hôpital de la Toison (fictif)"),
)
FIRE_STATIONS = (
    (1_700.0, 1_350.0),
    (-1_900.0, -1_600.0),
    (700.0, -3_900.0),
    (6_000.0, -500.0),
    (-3_300.0, 2_200.0),
)
CAMPUS = (2_700.0, -700.0)
