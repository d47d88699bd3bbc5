"""Blocking keys: under which keys something is found, and which keys a text looks for. Pure.

What is stored has few keys, each of them exact: one for a word of a name, two for a pair of words, one for an
address, a number or an id. Of the text that is searched for all single typing errors are tried, some hundred
look-ups in an index. So recording costs little, and what is found is precise, however many customers there are.

    w:xrbkv xerbakov    a word: its skeleton, which is looked for alone too, and as it sounds
    ww:iulia xerbakov   two words as they sound, in any order
    ss:iulia xrbkv      their skeletons
    e:lxrbkv            the skeleton of an e-mail address's local part, letters and digits
    p:1234567           the last digits of a phone number
    x:4711              an id that another system gave
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from service.identity import kinds
from service.identity.latin import tokens
from service.identity.names import CONSONANTS, LETTERS, mistyped, pairs, skeleton, sound, without_legal_forms

PHONE_DIGITS: Final = 7
"""The last digits of a phone number by which it is found: without country and area code, as people remember it."""

MAX_WORDS: Final = 6
"""Words of one name that have keys."""
MAX_PAIRED: Final = 4
"""Words of one name that have keys in pairs: four have six pairs."""
MAX_KEYS: Final = 1200
"""That one text looks for."""

_MAX_KEY_CHARACTERS: Final = 120
_SHORTEST_WORD: Final = 2
_SHORTEST_LOCAL: Final = 3
_SHORTEST_BONES: Final = 4
"""Of the skeleton of an address, all of whose letters are one word."""
_SHORTEST_PREFIX: Final = 3
_SHORTEST_MISTYPED: Final = 3


def word_keys(words: Iterable[str]) -> set[str]:
    """The keys of a name's words, as `names.person_tokens` and `names.company_tokens` give them."""
    heard = _heard(words)[:MAX_WORDS]
    found = {_word_key(one) for one in heard}
    for one, other in pairs(heard[:MAX_PAIRED]):
        found |= {f"ww:{one} {other}", _bones_key(one, other)}
    return {key for key in found if len(key) <= _MAX_KEY_CHARACTERS}


def _heard(words: Iterable[str]) -> list[str]:
    """Sounds of words; of initials nothing is known."""
    return list(dict.fromkeys(sound(word) for word in words if len(word) >= _SHORTEST_WORD))


def _word_key(heard: str) -> str:
    return f"w:{skeleton(heard)} {heard}"


def _bones_key(one: str, other: str) -> str:
    return "ss:" + " ".join(sorted((skeleton(one), skeleton(other))))


def identifier_keys(kind: str, value: str) -> set[str]:
    """The keys of an identifier in its one spelling; none for kinds that are looked up as they are only."""
    if kind == "email":
        local = _local(value)
        return {_address_key(local)} if len(local) >= _SHORTEST_LOCAL else set()
    if kind == "phone":
        return {f"p:{value[-PHONE_DIGITS:]}"}
    if kind.startswith(kinds.EXTERNAL):
        return {_id_key(value)} if len(value) < _MAX_KEY_CHARACTERS else set()
    return set()


def has_keys(kind: str) -> bool:
    """Whether identifiers of a kind have keys."""
    return kind in ("email", "phone") or kind.startswith(kinds.EXTERNAL)


def _id_key(value: str) -> str:
    return f"x:{value.strip().casefold()}"


def _address_key(local: str) -> str:
    return f"e:{_address_bones(sound(local))}"[:_MAX_KEY_CHARACTERS]


def _address_bones(heard: str) -> str:
    """A skeleton, but not one so short that it is that of very many."""
    bones = skeleton(heard)
    return bones if len(bones) >= _SHORTEST_BONES else heard


def _local(address: str) -> str:
    """The letters and digits of an address's local part; what stands behind a plus is a label."""
    local = address.rpartition("@")[0].partition("+")[0]
    return "".join(filter(str.isalnum, local.lower()))


def wanted_keys(text: str) -> list[set[str]]:
    """The keys that a text looks for, by rank: of the first it is most likely that they find what is meant."""
    ranks: list[set[str]] = [{_id_key(text)}, set(), set(), set()]
    if "@" in text:
        local = _local(text)
        ranks[0].add(_address_key(local))
        ranks[1] |= {f"e:{one}" for one in _mistyped_bones(sound(local), _address_bones(sound(local)))}
        ranks[1] |= {_address_key(one) for one in mistyped(local, "")}
    elif (digits := _digits_of_phone(text)) is not None:
        ranks[0].add(f"p:{digits[-PHONE_DIGITS:]}")
        ranks[1] |= {f"p:{one}" for one in _misdialled(digits)}
    else:
        # As the words are often written together in an address.
        ranks[0].add(_address_key("".join(filter(str.isalnum, text.lower()))))
        for rank, keys in zip(ranks, _of_words(without_legal_forms(tokens(text))), strict=True):
            rank |= keys
    return list(_bounded(ranks))


def _bounded(ranks: Sequence[set[str]]) -> Iterator[set[str]]:
    """Each key in its first rank only, and no more than are looked up at once."""
    seen: set[str] = set()
    for rank in ranks:
        fresh = sorted(rank - seen)[: MAX_KEYS - len(seen)]
        seen.update(fresh)
        yield set(fresh)


def _digits(text: str) -> str:
    """What digits to try for a text: none where there are none."""
    return string.digits if any(map(str.isdigit, text)) else ""


def _digits_of_phone(text: str) -> str | None:
    """The digits of a text that can be a phone number."""
    if any(one.isalpha() for one in text):
        return None
    digits = "".join(one for one in text if one in string.digits)
    return digits if len(digits) >= PHONE_DIGITS else None


def _misdialled(digits: str) -> set[str]:
    """The last digits of numbers that are a single typing error away."""
    # One more than is looked for: where a digit was typed too much, the one before takes its place.
    return {
        one[-PHONE_DIGITS:]
        for one in mistyped(digits[-PHONE_DIGITS - 1 :], string.digits)
        if len(one) >= PHONE_DIGITS
    }


def _of_words(words: Sequence[str]) -> tuple[set[str], ...]:
    """The keys of words by rank: pairs as they are, pairs as heard, pairs mistyped, single words."""
    heard = _heard(words)[:MAX_PAIRED]
    exact = {f"ww:{one} {other}" for one, other in pairs(heard)}
    bones = {_bones_key(one, other) for one, other in pairs(heard)}
    single = {_word_key(one) for one in _heard(words)[:MAX_WORDS]} | _joined(words)
    if len(heard) != 1:
        mistyped_pairs = _mistyped_pair(*heard) if len(heard) == 2 else set()
        return exact, bones, mistyped_pairs, single
    (one,) = heard
    # Without spaces: liming, johnsmith. In an address the words are often so.
    exact |= {
        "ww:" + " ".join(sorted((sound(words[0][:place]), sound(words[0][place:]))))
        for place in range(_SHORTEST_WORD, len(words[0]) - 1)
    }
    mistyped_words: set[str] = set()
    if len(one) >= _SHORTEST_MISTYPED:
        # As written too, for an error may part two letters that are one sound; there, what needs no new letter.
        written = {sound(other) for other in mistyped(words[0], "")} - {one}
        mistyped_words = {_word_key(other) for other in (*_mistyped(one), *written)}
    return single, exact, mistyped_words, set()


def _joined(words: Sequence[str]) -> set[str]:
    """Two words as one, and three words as two: Volks Wagen, Li Xiao Ming."""
    found = set()
    for place in range(len(words) - 1):
        joined = sound(words[place] + words[place + 1])
        found.add(_word_key(joined))
        rest = [sound(word) for word in (*words[:place], *words[place + 2 :])]
        found |= {"ww:" + " ".join(sorted((joined, one))) for one in rest}
    return found


def _mistyped(heard: str) -> set[str]:
    return mistyped(heard, LETTERS + _digits(heard))


def _mistyped_pair(one: str, other: str) -> set[str]:
    """Skeletons of a pair with a typing error in either word; an error in a vowel leaves them as they are."""
    return {
        "ss:" + " ".join(sorted((wrong, skeleton(intact))))
        for heard, intact in ((one, other), (other, one))
        for wrong in _mistyped_bones(heard, skeleton(heard))
    }


def _mistyped_bones(heard: str, bones: str) -> set[str]:
    """The skeletons that are a single typing error away from that of a sound."""
    letters = LETTERS if bones == heard else CONSONANTS
    return mistyped(bones, letters + _digits(bones))


def wanted_prefixes(text: str) -> list[str]:
    """The beginnings of keys that a text looks for: of words with the same skeleton, and of longer ones."""
    words = without_legal_forms(tokens(text))
    # What has digits is written to the end.
    if "@" in text or not words or len(words[-1]) < _SHORTEST_PREFIX or not words[-1].isalpha():
        return []
    last = sound(words[-1])
    return [f"w:{skeleton(last)}"] if len(words) == 1 else [f"ww:{sound(words[-2])} {last}"]
