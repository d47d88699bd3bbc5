"""What is recorded of families, over the years and by different hands."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.populations.chance import Chance
from tests.benchmarks.populations.errors import (
    Clues,
    date_text,
    mailed_otherwise,
    misdated,
    redialled,
    thinned,
    typo,
)
from tests.benchmarks.populations.households import Member, families
from tests.benchmarks.populations.names_latin import short
from tests.benchmarks.populations.population import Population, population

# Rates of what is left out before it is seen whether enough is left: in the end it is somewhat less.
_MISSING = {"birth_date": 0.25, "email": 0.45, "phone": 0.45, "street": 0.18, "city": 0.08, "postcode": 0.12}
_WEIGHTS = {
    "first_name": 1, "last_name": 0.5, "birth_date": 2, "email": 2, "phone": 2, "street": 1.5, "postcode": 0.5,
}  # fmt: skip
_CLUES, _MANY = Clues(_WEIGHTS, 3.5), Clues(_WEIGHTS, 5.5)
_COPIES = {1: 45, 2: 25, 3: 15, 4: 10, 5: 5}

Row = dict[str, str]


def households(people: int = 2_000, seed: int = 1) -> Population:
    """Families, with names split, nearly all with what tells them apart."""
    return population("households", _recorded(Chance(f"households {seed}"), people, _MISSING, whole=False), seed)


def relatives_no_dates(people: int = 2_000, seed: int = 1) -> Population:
    """Families of which most records have no birth date and the name stands in one column."""
    missing = {**_MISSING, "birth_date": 0.8, "email": 0.4, "phone": 0.4}
    records = _recorded(Chance(f"relatives {seed}"), people, missing, whole=True)
    return population("relatives_no_dates", records, seed)


def clean(people: int = 3_000, seed: int = 1) -> Population:
    """Families of whom each is recorded once: whatever is merged is merged wrongly."""
    chance = Chance(f"clean {seed}")
    rows = ((str(member.number), _copies(chance, member, 1, _MISSING)[0]) for member in families(chance, people))
    return population("clean", rows, seed)


def _recorded(chance: Chance, people: int, missing: dict[str, float], *, whole: bool) -> Iterator[tuple[str, Row]]:
    for member in families(chance, people):
        for row in _copies(chance, member, chance.weighted(_COPIES), missing):
            yield str(member.number), _joined(chance, member, row) if whole else row


def _copies(chance: Chance, member: Member, count: int, missing: dict[str, float]) -> list[Row]:
    """Records of one person, the first as the person is now and the fullest."""
    now = _state(chance, member, earlier=False)
    fuller = {column: rate / 1.5 for column, rate in missing.items()}
    if member.namesake:  # Nothing else tells a father from a son of one name for certain.
        missing, fuller = {**missing, "birth_date": 0.0}, {**fuller, "birth_date": 0.0}
    known = thinned(chance, now, fuller, _MANY)
    kept = [known]
    for _ in range(count - 1):
        state = _state(chance, member, earlier=chance.happens(0.4))
        kept.append(thinned(chance, state, missing, _CLUES, known))
    return [_written(chance, member, row) for row in kept]


def _state(chance: Chance, member: Member, *, earlier: bool) -> Row:
    """What was so then, in plain form."""
    house = member.before if earlier and member.before else member.home
    child = member.born.year > 2010
    return {
        "first_name": member.given,
        "last_name": member.maiden if earlier and member.maiden else member.surname,
        "birth_date": member.born.isoformat(),
        "email": house.email if chance.happens(0.9 if child else 0.15) else member.email,
        "phone": (house.landline if chance.happens(0.95 if child else 0.35) else member.mobile).whole,
        "street": house.street,
        "city": house.city,
        "postcode": house.postcode,
    }


def _written(chance: Chance, member: Member, row: Row) -> Row:
    """The record as typed: in one of many forms, with some slips."""
    slips = set(chance.some(list(row), chance.weighted({0: 45, 1: 35, 2: 15, 3: 5})))
    written = dict(row)
    for column in ("last_name", "street", "city"):
        if column in slips:
            written[column] = typo(chance, row[column])
    written["first_name"] = _first_name(chance, member, row, slips)
    if row["birth_date"]:
        # Of namesakes and twins, the one would be taken for the other.
        wrong = "birth_date" in slips and not member.namesake
        written["birth_date"] = date_text(chance, misdated(chance, member.born) if wrong else member.born)
    if row["email"] and "email" in slips:
        written["email"] = mailed_otherwise(chance, row["email"])
    if row["phone"]:
        lines = [member.mobile, member.home.landline, *([member.before.landline] if member.before else [])]
        line = next(line for line in lines if line.whole == row["phone"])
        written["phone"] = (redialled(chance, line) if "phone" in slips else line).text(chance)
    return _exchanged(chance, _loud(chance, written))


def _first_name(chance: Chance, member: Member, row: Row, slips: set[str]) -> str:
    known_by_more = bool(row["birth_date"] or row["email"] == member.email)
    if not member.twin and known_by_more and chance.happens(0.04):
        return member.given[0] + chance.one(("", "."))
    if chance.happens(0.12):
        return short(chance, member.given)
    return typo(chance, member.given) if "first_name" in slips else member.given


def _exchanged(chance: Chance, row: Row) -> Row:
    """Given name and surname in each other's place."""
    if not chance.happens(0.04):
        return row
    return {**row, "first_name": row["last_name"], "last_name": row["first_name"]}


def _loud(chance: Chance, row: Row) -> Row:
    """All in capital or in small letters, as some programs have it."""
    how = chance.weighted({"": 88, "upper": 6, "lower": 6})
    if not how:
        return row
    return {column: value.upper() if how == "upper" else value.lower() for column, value in row.items()}


def _joined(chance: Chance, member: Member, row: Row) -> Row:
    """The name in one column."""
    first, last = row.pop("first_name"), row.pop("last_name")
    junior = f" {member.generation}" if member.generation and chance.happens(0.7) else ""
    usual = f"{first} {last}{junior}"
    name = chance.weighted(
        {usual: 7, f"{last}, {first}{junior}": 2, f"{last} {first}": 1, f"{first}  {last}": 0.3}
    )
    return {"full_name": name, **row}
