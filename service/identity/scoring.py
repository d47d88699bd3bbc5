"""How well what is known of somebody answers a text that is searched for: a score from 0 to 1. Pure.

Names (persons' and companies'). Each word of the text is given the word of the name that is most like it, no word
twice. Two words are alike by

- 1 if they are the same in Latin letters, .97 if they sound the same (`names.sound`);
- else 1 - errors / letters of the longer (errors: a letter added, left out, another one, two exchanged), or .97 of
  that for the sounds, whichever is more; .8 at least where the skeletons are the same; where the text has only
  the beginning of a word, .75 + .2 · the part that it has; under .6 they are not alike.

The score is the mean over the text's words, by their length, less .1 · the part of the name that the text does not
have. Words written together or apart (`liming`, `volks wagen`) score .97 of the likeness of the whole.

E-mail addresses: 1 - errors / letters; .9 of that for the local part alone. Phone numbers: .95 if the text is the
end of the number, less a part for each error. Identifiers that are the same: 1. Scores under .6 are no match.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from service.identity.blocking import PHONE_DIGITS
from service.identity.latin import tokens
from service.identity.names import company_tokens, is_legal_form, person_tokens, skeleton, sound

MIN_SCORE: Final = 0.6
"""What scores less is no match."""

_SAME_SOUND: Final = 0.97
_SAME_SKELETON: Final = 0.8
_SHORTEST_BONES: Final = 3
_LEAST_ALIKE: Final = 0.6
_WORTH_HEARING: Final = 0.25
"""What is less alike in writing never sounds alike; most pairs of words are not."""
_BEGINNING, _OF_BEGINNING, _SHORTEST_BEGINNING = 0.75, 0.2, 3
_LEFT_OUT: Final = 0.1
_SHORTEST_JOINED, _LEAST_JOINED = 4, 0.8
_JOINED_IS_LESS: Final = 0.9
"""Where the words score more, it does not matter how they are written together."""
_WORTH_JOINING: Final = 0.5
_LOCAL_PART: Final = 0.9
_END_OF_NUMBER: Final = 0.95
_DIGITS: Final = 4
"""Of scores, so that they are the same everywhere."""


class Sort(Enum):
    """What sort of thing is said of somebody."""

    PERSON = "person"
    COMPANY = "company"
    EMAIL = "email"
    PHONE = "phone"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Said:
    """Something by which somebody can be found: of which sort, under which name, and what."""

    what: str
    """The name of an attribute, or a kind of identifier."""
    sort: Sort
    value: str


@dataclass(frozen=True, slots=True)
class Match:
    """How well a text is answered, and by what."""

    score: float
    on: frozenset[str]


_NOTHING: Final = Match(0.0, frozenset())


class Text:
    """A text that is searched for."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words in Latin letters."""
        return tokens(self.text)

    @cached_property
    def joined(self) -> str:
        """Its words written together."""
        return "".join(self.words)

    @cached_property
    def folded(self) -> str:
        """The text without case and spaces."""
        return "".join(self.text.casefold().split())

    @cached_property
    def digits(self) -> str:
        """Its digits, if it can be a phone number."""
        digits = "".join(one for one in self.text if one in string.digits)
        return digits if len(digits) >= PHONE_DIGITS and not any(map(str.isalpha, self.text)) else ""


def match(text: Text, said: Iterable[Said]) -> Match | None:
    """How well a text is answered by what one source says, or by one identifier; None where it is not."""
    found: list[Match] = []
    persons: list[Said] = []
    companies: list[Said] = []
    for one in said:
        if one.sort is Sort.PERSON:
            persons.append(one)
        elif one.sort is Sort.COMPANY:
            companies.append(one)
        else:
            found.append(Match(_SCORES[one.sort](text, one.value), frozenset({one.what})))
    if text.words and (persons or companies):
        found.append(_by_words(text.words, persons + companies))
        if found[-1].score < _JOINED_IS_LESS and len(text.joined) >= _SHORTEST_JOINED:
            found += [_by_joined(text, those) for those in (persons, companies) if those]
    return best(found)


def best(found: Iterable[Match | None]) -> Match | None:
    """Several matches as one: the best score, with all that matched."""
    enough = [one for one in found if one is not None and one.score >= MIN_SCORE]
    if not enough:
        return None
    return Match(max(one.score for one in enough), frozenset().union(*(one.on for one in enough)))


@lru_cache(maxsize=65_536)
def _words_of(sort: Sort, value: str) -> tuple[str, ...]:
    return tuple(company_tokens([value]) if sort is Sort.COMPANY else person_tokens([value]))


def _by_words(words: Sequence[str], named: Sequence[Said]) -> Match:
    """By the words of all names together: a first and a last name are often said apart."""
    places: dict[str, set[str]] = {}
    for one in named:
        for word in _words_of(one.sort, one.value):
            places.setdefault(word, set()).add(one.what)
    given = _given(words, list(places))
    if not given:
        return _NOTHING
    # Whoever writes GmbH may mean a company that is known without.
    counted = [place for place, word in enumerate(words) if place in given or not is_legal_form(word)]
    letters = sum(len(words[place]) for place in counted)
    alike = sum(likeness * len(words[place]) for place, (_, likeness) in given.items()) / max(letters, 1)
    matched = {word for word, _ in given.values()}
    on = frozenset().union(*(places[word] for word in matched))
    spoken = {word for word, whats in places.items() if whats & on}
    left_out = sum(len(word) for word in spoken - matched) / max(sum(map(len, spoken)), 1)
    return Match(_rounded(alike - _LEFT_OUT * left_out), on)


def _given(words: Sequence[str], known: Sequence[str]) -> dict[int, tuple[str, float]]:
    """To each word, by its place, the known word that is most like it and how much; the most alike first."""
    scored = ((likeness(word, other), -place, other) for place, word in enumerate(words) for other in known)
    given: dict[int, tuple[str, float]] = {}
    taken: set[str] = set()
    for alike, minus_place, other in sorted((one for one in scored if one[0]), reverse=True):
        if -minus_place not in given and other not in taken:
            given[-minus_place] = (other, alike)
            taken.add(other)
    return given


@lru_cache(maxsize=65_536)
def likeness(one: str, other: str) -> float:
    """How much alike two words in Latin letters are; the first may be the beginning of the second."""
    if one == other:
        return 1.0
    written = OSA.normalized_similarity(one, other)
    if written < _WORTH_HEARING:
        return 0.0
    heard, known = sound(one), sound(other)
    if heard == known:
        return _SAME_SOUND
    alike = max(written, _SAME_SOUND * OSA.normalized_similarity(heard, known))
    if len(bones := skeleton(heard)) >= _SHORTEST_BONES and bones == skeleton(known):
        alike = max(alike, _SAME_SKELETON)
    if len(one) >= _SHORTEST_BEGINNING and (other.startswith(one) or known.startswith(heard)):
        alike = max(alike, _BEGINNING + _OF_BEGINNING * min(len(one) / len(other), 1))
    return alike if alike >= _LEAST_ALIKE else 0.0


def _by_joined(text: Text, named: Sequence[Said]) -> Match:
    """By the words written together, in the names' order or the last first."""
    known: dict[str, None] = {}
    for one in named:
        known |= dict.fromkeys(_words_of(one.sort, one.value))
    if len(known) in (0, len(text.words)):
        return _NOTHING
    *others, last = known
    alike = max(_joined_likeness(text.joined, "".join(order)) for order in ((*others, last), (last, *others)))
    if alike < _LEAST_JOINED:
        return _NOTHING
    return Match(_rounded(_SAME_SOUND * alike), frozenset(one.what for one in named))


@lru_cache(maxsize=65_536)
def _joined_likeness(one: str, other: str) -> float:
    if OSA.normalized_similarity(one, other) < _WORTH_JOINING:
        return 0.0
    return OSA.normalized_similarity(sound(one), sound(other))


def _email_score(text: Text, address: str) -> float:
    known = address.casefold()
    if "@" in text.text:
        return _rounded(OSA.normalized_similarity(text.folded, known))
    return _rounded(_LOCAL_PART * OSA.normalized_similarity(text.folded, known.rpartition("@")[0]))


def _phone_score(text: Text, number: str) -> float:
    if not text.digits:
        return 0.0
    known = "".join(filter(str.isdigit, number))
    # Nobody types fewer digits than are looked for; what comes before them may be another way to dial.
    end = text.digits[-len(known) :].lstrip("0")
    alike = OSA.normalized_similarity(end, known[-len(end) :])
    return 1.0 if text.digits == known else _rounded(_END_OF_NUMBER * alike)


def _id_score(text: Text, value: str) -> float:
    return 1.0 if text.text.casefold() == value.casefold() else 0.0


_SCORES: Final = {Sort.EMAIL: _email_score, Sort.PHONE: _phone_score, Sort.ID: _id_score}


def _rounded(score: float) -> float:
    return round(max(score, 0.0), _DIGITS)
