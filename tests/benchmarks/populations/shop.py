"""Customers of one firm as its CRM and its shop know them: at work there, in private here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.benchmarks.populations import names_latin
from tests.benchmarks.populations.chance import Chance, words
from tests.benchmarks.populations.errors import (
    Clues,
    Phone,
    date_text,
    local_part,
    mailed_otherwise,
    provider,
    redialled,
    thinned,
    typo,
)
from tests.benchmarks.populations.households import plain
from tests.benchmarks.populations.population import Population, population

Row = dict[str, str]

_CODES = {"Germany": "49", "United Kingdom": "44", "France": "33", "Austria": "43", "Netherlands": "31"}
_MOBILE = {"Germany": "1512", "United Kingdom": "7400", "France": "61", "Austria": "664", "Netherlands": "61"}
_OFFICE = {"Germany": "30", "United Kingdom": "207", "France": "14", "Austria": "1", "Netherlands": "206"}
_LENGTH = {"Germany": 11, "United Kingdom": 10, "France": 9, "Austria": 10, "Netherlands": 9}
_SHORT_COUNTRY = {"Germany": "DE", "United Kingdom": "UK", "France": "FR", "Austria": "AT", "Netherlands": "NL"}
_FIRMS = [
    f"{first}{second}"
    for first in words("Nova Alpen Nord Blue Data Terra Euro Medi Opti Vita Rhein Delta Inter Solar Cargo Aqua")
    for second in words("tec soft werk media logic plan bau med trade lab")
]

# The name is common, the town and a firm narrow it down; a number or an address of one's own settles it.
_CLUES = Clues(
    {"person": 1, "email": 2.5, "mobile": 2.5, "birth_date": 2, "company": 1.2, "city": 0.8, "local": 1.2}, 3
)
_GONE = {"birth_date": 0.8, "email": 0.12, "mobile": 0.3, "company": 0.1, "city": 0.15}


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with a firm, an address at work and one at home, often alike."""

    first: str
    last: str
    born: date
    country: str
    city: str
    company: str
    work: str
    private: str
    mobile: Phone
    office: Phone


def crm_shop(people: int = 2_000, seed: int = 1) -> Population:
    """Two sources; of few common names, hence many different people have one name."""
    chance = Chance(f"shop {seed}")
    offices: dict[str, tuple[str, str, Phone]] = {}
    return population("crm_shop", _recorded(chance, people, offices), seed)


def _recorded(
    chance: Chance, people: int, offices: dict[str, tuple[str, str, Phone]]
) -> Iterator[tuple[str, Row]]:
    for number in range(people):
        customer = _customer(chance, offices)
        known: Row | None = None
        for source in _sources(chance):
            row = thinned(chance, _state(chance, customer, source), _rates(source, known), _CLUES, known)
            known = known or row
            yield str(number), _written(chance, customer, source, row)


def _sources(chance: Chance) -> list[str]:
    """Once or more in the CRM, the shop or both."""
    crm, shop = chance.weighted({(1, 1): 45, (1, 0): 18, (0, 1): 18, (1, 2): 8, (2, 1): 6, (2, 2): 3, (0, 2): 2})
    return ["crm"] * crm + ["shop"] * shop


def _rates(source: str, known: Row | None) -> dict[str, float]:
    rates = {**_GONE, "company": 0.05 if source == "crm" else 0.75}
    # The first record is fuller, as others are known by it; a birth date is rare anywhere.
    return rates if known else {**rates, "mobile": 0.1, "email": 0.03}


def _customer(chance: Chance, offices: dict[str, tuple[str, str, Phone]]) -> Customer:
    """A firm has one town and one switchboard, whoever works there."""
    company = _FIRMS[min(chance.between(0, len(_FIRMS) - 1), chance.between(0, len(_FIRMS) - 1))]
    if company not in offices:
        country = chance.one(list(_CODES))
        line = _phone(chance, country, _OFFICE[country])
        offices[company] = (country, chance.one(names_latin.EUROPE[country]), line)
    country, city, office = offices[company]
    first, last = names_latin.given(chance, chance.one("mf")), names_latin.surname(chance, few=True)
    local = local_part(chance, plain(first), plain(last))
    formal = f"{plain(first)}.{plain(last)}".lower()
    domain = f"{company.lower()}.{'com' if chance.happens(0.3) else _SHORT_COUNTRY[country].lower()}"
    private = chance.mailbox(local if chance.happens(0.7) else formal, provider(chance))
    born = chance.day(1950, 2003)
    mobile = _phone(chance, country, _MOBILE[country])
    work = chance.mailbox(formal, domain)
    return Customer(first, last, born, country, city, company, work, private, mobile, office)


def _phone(chance: Chance, country: str, start: str) -> Phone:
    national = f"{start}{chance.between(2, 9)}{chance.digits(_LENGTH[country] - len(start) - 1)}"
    return Phone(_CODES[country], "0", national)


def _state(chance: Chance, customer: Customer, source: str) -> Row:
    """What the source knows. The mobile and the office's number share a column, but tell unlike much."""
    at_work = chance.happens(0.8 if source == "crm" else 0.25)
    email = customer.work if at_work else customer.private
    switchboard = source == "crm" and chance.happens(0.3)
    return {
        "person": "known",
        "email": email,
        "local": email.partition("@")[0] if any(letter.isdigit() for letter in email) else "",
        "mobile": "" if switchboard else customer.mobile.whole,
        "office": customer.office.whole if switchboard else "",
        "company": customer.company,
        "city": customer.city,
        "birth_date": customer.born.isoformat(),
    }


def _written(chance: Chance, customer: Customer, source: str, row: Row) -> Row:
    columns = ["first", "last", "email", "mobile", "company", "city"]
    slips = set(chance.some(columns, chance.weighted({0: 60, 1: 30, 2: 10})))
    first = names_latin.short(chance, customer.first) if chance.happens(0.1) else customer.first
    line = customer.mobile if row["mobile"] else customer.office
    if "mobile" in slips:
        line = redialled(chance, line)
    return {
        "source": source,
        "first_name": typo(chance, first) if "first" in slips else first,
        "last_name": typo(chance, customer.last) if "last" in slips else customer.last,
        "email": mailed_otherwise(chance, row["email"]) if row["email"] and "email" in slips else row["email"],
        "phone": line.text(chance) if row["mobile"] or row["office"] else "",
        "company": _firm(chance, customer, row["company"], slip="company" in slips),
        "city": typo(chance, row["city"]) if "city" in slips else row["city"],
        "country": customer.country if chance.happens(0.7) else _SHORT_COUNTRY[customer.country],
        "birth_date": date_text(chance, customer.born) if row["birth_date"] else "",
    }


def _firm(chance: Chance, customer: Customer, name: str, *, slip: bool) -> str:
    if not name:
        return ""
    legal = {
        "Germany": " GmbH",
        "United Kingdom": " Ltd",
        "France": " SARL",
        "Austria": " GmbH",
        "Netherlands": " BV",
    }
    return (typo(chance, name) if slip else name) + (legal[customer.country] if chance.happens(0.6) else "")
