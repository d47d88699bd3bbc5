"""What each column of a table says of a person, by its name and by its values, with the reason. Pure.

The name goes first, if the values do not speak against it: half of them need not look as they should, since what
is to be matched is full of errors. Then what the values look like, for which a good majority must. A guess at
names is made only in a table where no column is called one, at birth dates and sexes only where no column is. What
is no known sort is a category, compared as it is, except what can tell nobody apart or together: one value for
all, another for each, long text, amounts, dates that nobody was born on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from service.identity.matching import looks
from service.identity.matching.attributes import folded, is_bare, sort_of, words
from service.identity.matching.columns import Examined
from service.identity.matching.common_names import has_family, has_given
from service.identity.matching.sorts import Sort

_NOT_AGAINST: Final = 0.5
"""Share of the values that must look like what the name says."""
_MOST: Final = 0.8
_MANY: Final = 0.6
_AN_ADULT_LIFE: Final = 15
"""Years that birth dates are spread over at least, a tenth left out at each end; orders seldom are."""
_SEXES: Final = 12
"""Distinct values, wrong ones included, of a column of sexes."""
_SHORTEST_DATE_COLUMN: Final = 5
"""Dates that there must be to see how they are spread."""
_COMMON_GIVEN, _COMMON_FAMILY, _COMMON_IN_FULL = 0.25, 0.08, 0.15
"""Share of the values with a common name: of half of all given names the table has one, of a tenth of the family
names; of towns one in twenty."""
_AMOUNTS: Final = 20
"""Distinct values that there must be: fewer are sizes or grades."""
_NEARLY: Final = 0.8
"""Share of distinct values in a column of ids that has a few of them twice."""

_ANSWERS: Final = frozenset(
    ("cluster", "clusters", "group", "entity", "truth", "label", "match", "duplicate", "dupe")
)
_DATED: Final = """
    created updated modified order ordered registered registration signup signed joined
    join start end expiry expires expiration due visit seen login purchase purchased
    payment paid invoice shipped delivery death died hire hired issue issued at timestamp
    last first since until valid event заказа регистрации создания создан обновлен смерти
    покупки выдачи замовлення реєстрації 注册日期 注册时间 创建时间 订单日期 下单时间
"""
_OTHER_DATES: Final = frozenset(map(folded, _DATED.split()))
"""Words of the names of dates on which nobody was born."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a column is taken for, and why."""

    name: str
    sort: Sort | None
    """None: it is not compared."""
    because: str


def recognise(header: Sequence[str], columns: Sequence[Sequence[str]]) -> list[Recognised]:
    """What each column is taken for, in their order; at most one is the id.

    Args:
        header: names of the columns.
        columns: the values of each, "" where there is none.
    """
    looked_at = [Examined(name, values) for name, values in zip(header, columns, strict=True)]
    found = [_by_name(column) for column in looked_at]
    named = frozenset(one.sort for one in found if one and one.sort)
    found = [one or _by_values(column, named) for one, column in zip(found, looked_at, strict=True)]
    if not named & _NAMES:
        found = _with_families(found, looked_at)
    found = _with_whole_names(found, looked_at)
    found = _with_id(found, looked_at)
    return [one or _left_over(column) for one, column in zip(found, looked_at, strict=True)]


_NAMES: Final = frozenset((Sort.FULL_NAME, Sort.GIVEN_NAME, Sort.MIDDLE_NAME, Sort.FAMILY_NAME))

_Found = list[Recognised | None]


def _by_name(column: Examined) -> Recognised | None:
    if not column.filled:
        return Recognised(column.name, None, "no row has a value")
    parts = words(column.name)
    if any(part in _ANSWERS for part in parts) and not (column.is_unique and column.is_called_an_id):
        return Recognised(column.name, None, "by its name it is somebody's answer, not data")
    sort = sort_of(column.name)
    if sort is None or not _may_be(sort, column):
        return None
    return Recognised(column.name, sort, "by its name")


_LOOKS_OF_NAMED: Final[dict[Sort, Callable[[str], object]]] = {
    Sort.EMAIL: lambda value: "@" in value,
    Sort.PHONE: lambda value: sum(map(str.isdigit, value)) >= 5 and looks.year_of(value) is None,
    Sort.BIRTH_DATE: lambda value: looks.year_of(value) is not None or looks.is_year(value),
    Sort.POSTCODE: lambda value: looks.has_digits(value) and len(value) <= 12,
    Sort.NATIONAL_ID: looks.has_digits,
    Sort.STREET: lambda value: looks.has_letters(value) and "@" not in value,
    Sort.CITY: looks.has_letters,
    Sort.COMPANY: looks.has_letters,
    **dict.fromkeys(_NAMES, looks.is_wordy),
}


def _may_be(sort: Sort, column: Examined) -> bool:
    """Whether the values do not speak against what the name says."""
    if sort is Sort.SEX:
        return column.distinct <= _SEXES
    return column.share(_LOOKS_OF_NAMED[sort]) >= _NOT_AGAINST


@dataclass(frozen=True, slots=True)
class _Guess:
    """What values may look like without a name that says it."""

    sort: Sort
    look: Callable[[str], object]
    least: float
    """Share of the values."""
    what: str
    alone: frozenset[Sort] = frozenset()
    """Not where a column is called one of these."""


_GUESSES: Final = (
    _Guess(Sort.EMAIL, looks.is_email, _MANY, "look like e-mail addresses"),
    _Guess(Sort.NATIONAL_ID, looks.is_national_id, _MOST, "look like national ids"),
    _Guess(Sort.PHONE, looks.is_phone, _MOST, "look like phone numbers"),
    _Guess(Sort.POSTCODE, looks.is_postcode, _MOST, "look like postcodes"),
    _Guess(Sort.STREET, looks.is_street, _NOT_AGAINST, "look like street addresses"),
    _Guess(Sort.COMPANY, looks.is_company, _NOT_AGAINST, "have a company's legal form"),
)


def _by_values(column: Examined, named: frozenset[Sort]) -> Recognised | None:
    if column.is_long_text:
        return None
    if column.dates >= _MOST:
        return _dates(column, named)
    if Sort.SEX not in named and column.distinct <= _SEXES and (found := _sexes(column)):
        return found
    for guess in _GUESSES:
        share = column.share(guess.look)
        if share >= guess.least:
            return Recognised(column.name, guess.sort, f"{_percent(share)} {guess.what}")
    return None if named & _NAMES or column.distinct < 2 else _names(column)


def _dates(column: Examined, named: frozenset[Sort]) -> Recognised:
    """Birth dates are without a time of day and spread over a life; and nothing else is said of them."""
    years = column.years
    tenth = len(years) // 10
    spread = years[-1 - tenth] - years[tenth]
    otherwise = _OTHER_DATES & {*words(column.name), folded(column.name)}
    if (
        not otherwise
        and Sort.BIRTH_DATE not in named
        and len(years) >= _SHORTEST_DATE_COLUMN
        and spread >= _AN_ADULT_LIFE
        and column.share(looks.has_time) < 1 - _MOST
    ):
        return Recognised(column.name, Sort.BIRTH_DATE, f"{_percent(column.dates)} are dates, as of births")
    return Recognised(column.name, None, "dates, but not of births")


def _sexes(column: Examined) -> Recognised | None:
    share = column.share(looks.is_sex_or_untold)
    kinds = {folded(value) for value in column.sample if looks.is_sex(value)}
    if share < _MOST or not kinds or (len(kinds) == 1 and len(next(iter(kinds))) == 1):
        return None  # One letter for all may be anything.
    return Recognised(column.name, Sort.SEX, f"{_percent(share)} are words for a sex")


def _names(column: Examined) -> Recognised | None:
    if column.share(looks.is_wordy) < _MOST:
        return None
    given, family = column.share(has_given), column.share(has_family)
    if column.has_many_words:
        common = max(given, family)
        if common < _COMMON_IN_FULL:
            return None
        return Recognised(column.name, Sort.FULL_NAME, f"{_percent(common)} have a common name in them")
    if given < _COMMON_GIVEN or given < family:
        return None
    return Recognised(column.name, Sort.GIVEN_NAME, f"{_percent(given)} are common given names")


def _with_families(found: _Found, columns: Sequence[Examined]) -> _Found:
    """Beside a column that looks like given names, one of family names: too many are rare to know it alone."""
    if not any(one and one.sort is Sort.GIVEN_NAME for one in found):
        return found
    shares = [
        column.share(has_family)
        if one is None and column.share(looks.is_wordy) >= _MOST and not column.has_many_words
        else 0.0
        for one, column in zip(found, columns, strict=True)
    ]
    most = max(shares)
    if most < _COMMON_FAMILY:
        return found
    place = shares.index(most)
    family = Recognised(columns[place].name, Sort.FAMILY_NAME, f"{_percent(most)} are common family names")
    return _with(found, place, family)


def _with_whole_names(found: _Found, columns: Sequence[Examined]) -> _Found:
    """`name`, `nom` and `имя` may be a whole name or a part: the other columns and the words tell which."""
    families = [one.name for one in found if one and one.sort is Sort.FAMILY_NAME]
    return [
        _part_or_whole(one, column, any(name != one.name for name in families))
        if one and one.sort in _NAMES and is_bare(one.name)
        else one
        for one, column in zip(found, columns, strict=True)
    ]


def _part_or_whole(one: Recognised, column: Examined, beside_family: bool) -> Recognised:
    several = column.share(lambda value: looks.word_count(value) > 1)
    if one.sort is Sort.FULL_NAME and beside_family and several < 1 - _MANY:
        return replace(one, sort=Sort.GIVEN_NAME, because="by its name, beside a family name")
    if one.sort is not Sort.FULL_NAME and not beside_family and several >= _MANY:
        return replace(one, sort=Sort.FULL_NAME, because=f"by its name, and {_percent(several)} are several words")
    return one


def _with_id(found: _Found, columns: Sequence[Examined]) -> _Found:
    """The id: of the columns with another value in every row one that is called an id, else the first column.

    What is called the id of a record and is nearly unique is one too: who reads it says that it is not quite.
    """
    unique = [
        place
        for place, (one, column) in enumerate(zip(found, columns, strict=True))
        if not one and column.may_be_id
    ]
    called = [place for place in unique if columns[place].is_called_an_id]
    surely = [place for place in called if columns[place].is_called_the_id]
    if best := surely or called:
        return _with(found, best[0], Recognised(columns[best[0]].name, Sort.ID, "every row has another value"))
    for place, (one, column) in enumerate(zip(found, columns, strict=True)):
        if not one and column.is_called_the_id and column.distinct >= _NEARLY * column.rows:
            return _with(found, place, Recognised(column.name, Sort.ID, "by its name"))
    if 0 in unique:
        return _with(found, 0, Recognised(columns[0].name, Sort.ID, "every row has another value"))
    return found


def _with(found: _Found, place: int, one: Recognised) -> _Found:
    return [*found[:place], one, *found[place + 1 :]]


def _left_over(column: Examined) -> Recognised:
    """What is compared as it is, or why it is not."""
    ignored = _uselessness(column)
    if ignored is not None:
        return Recognised(column.name, None, ignored)
    said = sort_of(column.name)
    because = f"called {said.value}, but looks like none" if said else "nothing else is known of it"
    return Recognised(column.name, Sort.CATEGORY, because)


def _uselessness(column: Examined) -> str | None:
    if column.is_unique:
        return "every row has another value"
    if column.distinct == 1 and column.filled == column.rows:
        return "every row has the same value"
    if column.is_long_text:
        return "long text"
    if column.distinct > _AMOUNTS and column.share(looks.is_amount) >= _NOT_AGAINST:
        return "amounts"
    return None


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
