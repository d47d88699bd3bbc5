"""Names as they sound: spellings of one name in several languages and scripts come to one form. Pure.

Three forms of a token of `latin.tokens`, each coarser than the one before:

- the token itself: `yuliya`, `julia`; `shcherbakov`, `scherbakow`
- its *sound*: `iulia`; `xerbakov`. Rules of transliteration, not of a language: what Cyrillic is written as in
  English, German, French, Polish and Czech; umlauts; doubled and silent letters.
- its *skeleton*, the sound without vowels: `xrbkv`. For scripts that do not write vowels, and for ears:
  Мухаммед, Mohamed, محمد are all `mhmd`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final

from service.identity.latin import tokens

_RULES: Final = (
    # Щ Ч Ш Ж Х: first what is written with most letters. x stands for hushing, h for ch and kh.
    (r"schtsch|schch|shch|chtch|szcz|stsch", "x"),
    (r"tsch|tch|tsh|cz|ch|kh", "h"),
    (r"dzh|dsch|dj|dg(?=[ei])", "j"),
    (r"sch|sh|zh|sz|rz", "x"),
    (r"ts|tz|dz|z|c(?=[eivy])", "s"),
    (r"ck|qu|q|c", "k"),
    (r"gu(?=[ei])", "g"),
    (r"ph|pf|f|w", "v"),
    (r"([bdgrt])h", r"\1"),
    (r"dt$", "t"),
    # Юлия is Yulia, Julia, Iuliia, Ioulia; Алексей ends in ey, ei, ej; Müller is Mueller.
    (r"[yj]", "i"),
    (r"ou|ue|uu", "u"),
    (r"ae", "a"),
    (r"oe", "o"),
    (r"(.)\1+", r"\1"),
    # Елена is Elena, Yelena, Jelena; Соловьёв is Soloviev, Solovyov.
    (r"ie|(?<=[bdghklmnprstvx])io", "e"),
    (r"(.)\1+", r"\1"),
)
# English x is ks, but after the rules above x means hushing: so it goes before all of them.
_COMPILED: Final = tuple((re.compile(pattern), to) for pattern, to in ((r"x", "ks"), *_RULES))
_VOWELS = re.compile("[aeiou]")
_DOUBLED = re.compile(r"(.)\1+")

CONSONANTS: Final = "bdghklmnprstvx"
LETTERS: Final = CONSONANTS + "aeiou"
"""All that sounds are made of, beside digits."""

_SHORTEST_SKELETON: Final = 2

_LEGAL_FORMS: Final = frozenset(
    {
        *(
            "ab",
            "ag",
            "as",
            "bv",
            "co",
            "corp",
            "corporation",
            "eg",
            "ev",
            "gbr",
            "gmbh",
            "inc",
            "incorporated",
            "kg",
        ),
        *("kk", "kft", "limited", "llc", "llp", "lp", "ltd", "mbh", "nv", "oao", "ohg", "ooo", "oy", "oyj", "pao"),
        *(
            "plc",
            "pte",
            "pty",
            "sa",
            "sarl",
            "sas",
            "se",
            "sl",
            "spa",
            "srl",
            "sro",
            "the",
            "ug",
            "zao",
            "und",
            "and",
        ),
    }
)
"""What a company is called beside its name."""


@lru_cache(maxsize=65_536)
def sound(token: str) -> str:
    """How a token sounds.

    >>> sound("yuliya"), sound("julia"), sound("shcherbakov")
    ('iulia', 'iulia', 'xerbakov')
    """
    text = token
    for pattern, to in _COMPILED:
        text = pattern.sub(to, text)
    return text


@lru_cache(maxsize=65_536)
def skeleton(heard: str) -> str:
    """A sound without its vowels; where next to nothing is left, the sound itself.

    >>> skeleton("xerbakov"), skeleton("li")
    ('xrbkv', 'li')
    """
    bones = _DOUBLED.sub(r"\1", _VOWELS.sub("", heard))
    return bones if len(bones) >= _SHORTEST_SKELETON else heard


def person_tokens(texts: Iterable[str]) -> list[str]:
    """The distinct tokens of a person's names, in their order."""
    return list(dict.fromkeys(token for text in texts for token in tokens(text)))


def company_tokens(texts: Iterable[str]) -> list[str]:
    """The distinct tokens of a company's names, legal forms left out unless there is nothing else."""
    every = list(dict.fromkeys(token for text in texts for token in tokens(text, of_person=False)))
    return without_legal_forms(every)


def is_legal_form(token: str) -> bool:
    """Whether companies are called so beside their names."""
    return token in _LEGAL_FORMS


def without_legal_forms(words: Sequence[str]) -> list[str]:
    """The words that are not legal forms; all of them where there are no others."""
    return [word for word in words if word not in _LEGAL_FORMS] or list(words)


def pairs(heard: Iterable[str]) -> Iterator[tuple[str, str]]:
    """All pairs of sounds, each in alphabetical order: word order says nothing."""
    for one, other in combinations(heard, 2):
        yield (one, other) if one <= other else (other, one)


def mistyped(text: str, letters: str) -> set[str]:
    """All texts that are a single typing error away: a letter left out, added, or another one, or two letters in
    the wrong order. The text itself is not one of them.
    """
    splits = [(text[:place], text[place:]) for place in range(len(text) + 1)]
    found = {left + right[1:] for left, right in splits if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in splits if right for letter in letters}
    found |= {left + letter + right for left, right in splits for letter in letters}
    return found - {text, ""}
