"""Names, streets and towns in Latin letters: common ones first, then surnames composed of roots and endings."""

from __future__ import annotations

from itertools import product

from tests.benchmarks.populations.chance import Chance, Ranked, words

MALE = words("""
James Robert John Michael David William Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark
Paul Steven Andrew Kenneth George Edward Brian Peter Kevin Thomas Ronald Timothy Jason Jeffrey Ryan Jacob Gary
Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank
Raymond Jack Dennis Walter Henry Arthur Albert Lawrence Philip Simon Martin Adam Oliver Louis Hugo Felix Oscar
Leon Max Klaus Jürgen Hans Karl Stefan Marco Luca Giovanni Antonio Carlos Miguel Luis Javier Pedro Pierre Jean
Marcel Erik Lars Tomasz
""")
FEMALE = words("""
Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Margaret Sandra Ashley Emily
Kimberly Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura Helen Sharon Cynthia Kathleen Amy
Angela Anna Ruth Brenda Pamela Nicole Katherine Samantha Christine Emma Catherine Virginia Rachel Carolyn Janet
Maria Heather Diane Julia Joyce Victoria Kelly Christina Joan Evelyn Judith Martha Alice Julie Olivia Sophia
Charlotte Grace Hannah Eva Clara Ingrid Ursula Monika Sabine Petra Giulia Chiara Francesca Carmen Lucia Isabel
Camille Margot Astrid Agnieszka
""")
# Short forms that everybody knows; some are short for more than one name.
SHORT = {
    "James": ["Jim", "Jimmy", "Jamie"], "Robert": ["Bob", "Rob", "Bobby"], "John": ["Jack", "Johnny"],
    "Michael": ["Mike", "Mick"], "David": ["Dave"], "William": ["Bill", "Will", "Billy"],
    "Richard": ["Rick", "Dick"],
    "Joseph": ["Joe"], "Thomas": ["Tom"], "Charles": ["Charlie", "Chuck"], "Christopher": ["Chris"],
    "Daniel": ["Dan", "Danny"], "Matthew": ["Matt"], "Anthony": ["Tony"], "Steven": ["Steve"], "Andrew": ["Andy"],
    "Kenneth": ["Ken"], "Edward": ["Ed", "Ted"], "Peter": ["Pete"], "Timothy": ["Tim"], "Ronald": ["Ron"],
    "Jeffrey": ["Jeff"], "Nicholas": ["Nick"], "Jonathan": ["Jon"], "Stephen": ["Steve"], "Benjamin": ["Ben"],
    "Samuel": ["Sam"], "Gregory": ["Greg"], "Alexander": ["Alex", "Sandy"], "Patrick": ["Pat"],
    "Frank": ["Frankie"],
    "Raymond": ["Ray"], "Lawrence": ["Larry"], "Philip": ["Phil"], "Henry": ["Harry"], "Arthur": ["Art"],
    "Patricia": ["Pat", "Trish"], "Jennifer": ["Jen", "Jenny"], "Elizabeth": ["Liz", "Beth", "Betty"],
    "Barbara": ["Barb"], "Susan": ["Sue"], "Jessica": ["Jess"], "Margaret": ["Maggie", "Peggy", "Meg"],
    "Sandra": ["Sandy"], "Kimberly": ["Kim"], "Deborah": ["Debbie", "Deb"], "Stephanie": ["Steph"],
    "Rebecca": ["Becky"], "Cynthia": ["Cindy"], "Kathleen": ["Kathy"], "Pamela": ["Pam"], "Nicole": ["Nikki"],
    "Katherine": ["Kate", "Kathy", "Katie"], "Samantha": ["Sam"], "Christine": ["Chris", "Tina"],
    "Catherine": ["Cathy", "Kate"], "Virginia": ["Ginny"], "Victoria": ["Vicky"], "Christina": ["Tina"],
    "Judith": ["Judy"], "Giovanni": ["Gianni"], "Antonio": ["Toni"], "Hans": ["Hansi"], "Francesca": ["Franca"],
}  # fmt: skip
COMMON_SURNAMES = words("""
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson
Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell
Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris
Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward
Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel
Myers Long Ross Foster Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer
Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hartmann Lange Werner Krause Dubois Durand
Leroy Moreau Laurent Lefebvre Michel Bertrand Roux Fournier Girard Bonnet Lambert Rossi Russo Ferrari Esposito
Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa Hansen Johansen Olsen Larsen Andersen Nilsson
Eriksson Svensson Kowalski Nowak Wójcik Novák Silva Santos
""")
_ROOTS = words("""
Ash Brad Hart Lang Wood Black Stan Whit Hol Win Sher Barn Hamp Thorn Mar Ash Bur Cran Dun Elm Far Gold Haw Ken
Lin Mor Nor Oak Pen Red Rock Sand Shel Stam Sut Tem Wal Wes Wick Wool Berg Stein Lind Rosen Kirch Brun Eich Hol
Kauf Neu
""")
_ENDINGS = words("""
ley ford field well son wood man ton bury by worth ham stone wick more den shaw land croft gate mann er bauer
berg heim hoff feld dorf
""")
SURNAMES = [*COMMON_SURNAMES, *dict.fromkeys(root + ending for root, ending in product(_ROOTS, _ENDINGS))]

TOWNS = words("""
Springfield Franklin Clinton Greenville Bristol Fairview Salem Madison Georgetown Arlington Ashland Dover Oxford
Jackson Burlington Manchester Milton Newport Auburn Centerville Clayton Dayton Lexington Milford Riverside
Cleveland Hudson Kingston Oakland Winchester Lancaster Monroe Farmington Jamestown Glendale Chester Florence
Bedford Hamilton
""")
EUROPE = {
    "Germany": words("Berlin Hamburg München Köln Frankfurt Stuttgart Leipzig Dresden Bremen"),
    "United Kingdom": words("London Birmingham Leeds Glasgow Sheffield Manchester Edinburgh Bristol"),
    "France": words("Paris Marseille Lyon Toulouse Nice Nantes Strasbourg Bordeaux"),
    "Austria": words("Wien Graz Linz Salzburg Innsbruck"),
    "Netherlands": words("Amsterdam Rotterdam Utrecht Eindhoven Groningen"),
}
# Towns known by another name abroad, or written without marks.
KNOWN_ABROAD = [
    ["München", "Munich", "Muenchen"], ["Köln", "Cologne", "Koeln"], ["Nürnberg", "Nuremberg", "Nuernberg"],
    ["Hannover", "Hanover"], ["Düsseldorf", "Duesseldorf", "Dusseldorf"], ["Berlin"], ["Hamburg"], ["Frankfurt"],
]  # fmt: skip
_STREET_NAMES = words("""
Oak Maple Cedar Pine Elm Washington Lake Hill Park Main Church Mill River Spring Ridge Walnut Highland Forest
Jefferson Madison Meadow Sunset Railroad Chestnut Lincoln Willow Franklin Cherry Dogwood Hickory Laurel Valley
Birch School Dover
""")
STREETS = [f"{name} {kind}" for kind in ("Street", "Avenue", "Road", "Lane", "Drive") for name in _STREET_NAMES]

_GIVEN = {"m": Ranked(list(dict.fromkeys(MALE)), 5), "f": Ranked(FEMALE, 5)}
_SURNAME = Ranked(SURNAMES)
# Fewer and more unequal: for sets in which many people have one name.
_FEW_SURNAMES = Ranked(SURNAMES[:500], 4)


def given(chance: Chance, sex: str) -> str:
    return chance.ranked(_GIVEN[sex])


def surname(chance: Chance, *, few: bool = False) -> str:
    return chance.ranked(_FEW_SURNAMES if few else _SURNAME)


def short(chance: Chance, name: str) -> str:
    """What friends say, if there is a short form that everybody knows."""
    return chance.one(SHORT[name]) if name in SHORT else name
