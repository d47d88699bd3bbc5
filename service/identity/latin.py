"""One Latin spelling for what is written in many scripts: tokens of lower-case ASCII letters and digits. Pure.

Юлия is `yuliya`, Müller `muller`, 李明 `li ming`. The transliteration itself is anyascii's, a table by character;
here is what a table by character cannot know: how names are divided, and letters whose marks change their sound.
Han is read as Mandarin, so a Japanese name is found by its kanji or its kana, not by its Latin spelling.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii

MAX_TOKENS: Final = 12
"""Of a text; what follows is not looked at."""

_MARKED: Final = str.maketrans(
    {
        # A mark that is left out changes the sound: Čapek is Capek to a machine and Chapek to a reader.
        "č": "ch",
        "š": "sh",
        "ž": "zh",
        "ř": "rzh",
        "ć": "ch",
        "ś": "sh",
        "ź": "zh",
        "ż": "zh",
        "ş": "sh",
        "ș": "sh",
        "ç": "s",
        "ğ": "g",
        "ı": "i",
        "đ": "dj",
        # Signs that soften the letter before are no letters.
        "ь": "",
        "ъ": "",
        "'": "",
        "’": "",
        "ʼ": "",
        "`": "",
        "´": "",
    }
)
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HANGUL: Final = "\uac00-\ud7a3"
_SIGNED: Final = "\u0900-\u109f"
"""Scripts from India to Burma: their vowels are signs, which are no letters to a regular expression."""
_WORDS = re.compile(rf"[{_HAN}]+|[{_HANGUL}]+|(?:[^\W_{_HAN}{_HANGUL}]|[{_SIGNED}])+")
_MARKS = re.compile("[\u0300-\u036f]")

# A character that is read in another way where it is a surname.
_SURNAMES: Final = {
    "曾": "zeng",
    "单": "shan",
    "單": "shan",
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "区": "ou",
    "區": "ou",
    "盖": "ge",
    "覃": "qin",
    "尉迟": "yuchi",
    "尉遲": "yuchi",
    # The four names of half of all Koreans, as they write them themselves.
    "김": "kim",
    "이": "lee",
    "박": "park",
    "최": "choi",
}
_DOUBLE_SURNAMES: Final = frozenset(
    [
        "欧阳",
        "歐陽",
        "司马",
        "司馬",
        "上官",
        "诸葛",
        "諸葛",
        "夏侯",
        "尉迟",
        "尉遲",
        "皇甫",
        "公孙",
        "公孫",
        "慕容",
        "司徒",
        "令狐",
        "东方",
        "東方",
        "南宫",
        "南宮",
        "独孤",
        "獨孤",
        "端木",
    ]
)
_SHORTEST_DIVIDED, _LONGEST_DIVIDED = 2, 4
"""Characters of a name that is written without a space: a surname of one or two, a given name of one or two."""


@lru_cache(maxsize=65_536)
def tokens(text: str, *, of_person: bool = True) -> tuple[str, ...]:
    """The words of a text in Latin letters, in their order.

    `of_person`: what Han or Hangul there is is a name, and divided into surname and given name.

    >>> tokens("Щербаков, Юлия")
    ('shcherbakov', 'yuliya')
    """
    # Composed, so that a mark is a part of its letter; then marks that no letter is composed with go.
    plain = _MARKS.sub("", unicodedata.normalize("NFKC", text).lower().translate(_MARKED))
    found: list[str] = []
    for word in _WORDS.findall(plain):
        parts = _divided(word) if of_person and _is_undivided(word) else [anyascii(word)]
        found += filter(None, (_letters(part) for part in parts))
    return tuple(found[:MAX_TOKENS])


def _letters(text: str) -> str:
    return "".join(one for one in text.lower() if one.isascii() and one.isalnum())


def _is_undivided(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff" or "\uac00" <= word[0] <= "\ud7a3" or "\uf900" <= word[0] <= "\ufaff"


def _divided(word: str) -> list[str]:
    """A name in Han or Hangul, as surname and given name; what is too long for one is a word."""
    if not _SHORTEST_DIVIDED <= len(word) <= _LONGEST_DIVIDED:
        return [_SURNAMES.get(word) or anyascii(word)]
    size = 2 if word[:2] in _DOUBLE_SURNAMES and len(word) > _SHORTEST_DIVIDED else 1
    surname, given = word[:size], word[size:]
    return [_SURNAMES.get(surname) or anyascii(surname), anyascii(given)]
