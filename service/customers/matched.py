"""A customer's record as it is matched with others: golden values, and what they can be reached by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from service.customers.models import SourceProfile
from service.customers.rules import DEFAULTS, Survivorship
from service.customers.survivorship import Golden, golden_values
from service.identity.matching.attributes import sort_of
from service.identity.matching.sorts import Sort
from service.identity.matching.tables import Person

MAX_CHARACTERS: Final = 200
"""Of a value; what follows is not compared."""
MAX_VALUES: Final = 5
"""Of a sort of which a person may have several."""
SEVERAL: Final = frozenset({Sort.EMAIL, Sort.PHONE, Sort.NATIONAL_ID})
"""What a person may have several of: all that the sources say is compared. Of other sorts the golden value is."""

_SORTS: Final = {"email": Sort.EMAIL, "phone": Sort.PHONE}
_NOT_WHO: Final = (None, Sort.CATEGORY, Sort.ID)


def says_who(attribute: str) -> bool:
    """Whether an attribute says something of who somebody is."""
    return sort_of(attribute) not in _NOT_WHO


def record(
    profiles: Iterable[SourceProfile],
    contacts: Iterable[tuple[str, str]],
    survivorship: Survivorship = DEFAULTS,
) -> Person:
    """What is known of a customer, by sort; empty where nothing says who they are.

    `contacts` are their identifiers of the kinds `email` and `phone`, as (kind, value). Where several attributes
    say the same sort of thing, the one observed last counts.
    """
    by_sort: dict[Sort, list[Golden]] = {}
    for golden in golden_values(profiles, survivorship).values():
        sort = sort_of(golden.name)
        if sort is not None and sort not in _NOT_WHO:
            by_sort.setdefault(sort, []).append(golden)
    found: dict[Sort, dict[str, None]] = {}
    for sort, several in by_sort.items():
        several.sort(key=lambda one: (-one.chosen.observed_at, one.name))
        every = (text for golden in several for text in _said(golden, all_=sort in SEVERAL))
        found[sort] = dict.fromkeys(every)
    for kind, value in sorted(contacts):
        found.setdefault(_SORTS[kind], {}).setdefault(value[:MAX_CHARACTERS])
    return {
        sort: tuple(values)[: MAX_VALUES if sort in SEVERAL else 1] for sort in Sort if (values := found.get(sort))
    }


def _said(golden: Golden, *, all_: bool) -> Iterator[str]:
    for candidate in golden.candidates if all_ else golden.candidates[:1]:
        yield from texts(candidate.value)


def texts(value: Any) -> Iterator[str]:
    """The texts that a value is: itself, a number's digits, or what a list has of these."""
    if isinstance(value, list):
        for one in value[:MAX_VALUES]:
            if not isinstance(one, list):
                yield from texts(one)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        text = str(value).replace("\x00", " ").strip()[:MAX_CHARACTERS]
        if text:
            yield text


def text_of(person: Person) -> str:
    """A record as it is stored."""
    return orjson.dumps({sort.value: values for sort, values in person.items()}).decode()


def record_of(text: str) -> Person:
    """The inverse of `text_of`; sorts that there are no longer are left out."""
    known = {sort.value: sort for sort in Sort}
    return {known[name]: tuple(values) for name, values in orjson.loads(text).items() if name in known}
