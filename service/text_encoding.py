"""The encoding of a text file that does not say it. Pure: bytes come in, a name goes out.

What a byte order mark or strict UTF-8 settles is settled. Else it is the encoding in which the words with other
than ASCII letters look most like words: letters of one script, capitals where capitals stand. Where several do
equally, `charset-normalizer` chooses by which letters follow each other, except among the Latin ones: names of all
of Western Europe in one file are no language, and it takes them for Polish. There the most used one is taken.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from itertools import chain
from typing import Final

from charset_normalizer import from_bytes

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 before UTF-16, whose mark is the beginning of its own."""

_LATIN: Final = ("cp1252", "cp1250")
"""In this order where both make words; what only Western Europe writes are signs in the other, and the reverse."""
_ALPHABETS: Final = ("cp1251", "koi8_u", "cp866", "iso8859_5", "cp1253", "cp1255", "cp1256")
_CHARACTERS: Final = ("gb18030", "big5", "shift_jis", "euc_kr")
_SAMPLE: Final = 64 * 1024
"""Bytes of words with other than ASCII letters: enough of any language."""
_HEAD: Final = 4096
_AS_GOOD: Final = 0.05
_ALPHABET: Final = 0.85
"""Share of other than ASCII in such words: in Latin ones a third, in other alphabets all of them."""
_CENTRAL: Final = 0.1
"""Share of such words with š or ž where Central Europe writes."""
_BREAKS = re.compile(r"[\x00-\x40\[-`{-\x7f]+")


class NotText(Exception):
    """The bytes are no text; the message says what they are, if it is seen."""


def encoding_of(chunks: Iterable[bytes]) -> str | None:
    """The encoding of a text that comes in chunks, all of it; None if none fits.

    Raises:
        NotText: it has bytes that no text has.
    """
    rest = iter(chunks)
    head = next(rest, b"")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _wide(head)
    if marked is not None:
        return marked
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, sample = True, bytearray()
    for chunk in chain((head,), rest):
        if b"\0" in chunk:
            raise NotText
        if is_utf8:
            is_utf8 = _decodes(decoder, chunk)
        if len(sample) < _SAMPLE and not chunk.isascii():
            sample += _foreign_lines(chunk)
    if is_utf8 and _decodes(decoder, b"", final=True):
        return "utf-8"
    return guessed(bytes(sample))


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of ASCII is zero."""
    start = head[:_HEAD]
    half = len(start) // 2
    if half and start[1::2].count(0) > 0.6 * half and 0 not in start[::2]:
        return "utf-16-le"
    if half and start[::2].count(0) > 0.6 * half and 0 not in start[1::2]:
        return "utf-16-be"
    return None


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _foreign_lines(chunk: bytes) -> bytes:
    """The lines that are not ASCII; the first and the last may be broken off, so they go if there are others."""
    lines = chunk.split(b"\n")
    whole = lines[1:-1] if len(lines) > 2 else lines
    return b"".join(line + b"\n" for line in whole if not line.isascii()) or chunk


def guessed(sample: bytes) -> str | None:
    """The encoding in which the words of a sample look most like words; None if in none do half of them."""
    scores = {name: _likeness(sample, name) for name in (*_LATIN, *_ALPHABETS, *_CHARACTERS)}
    best = max(scores.values())
    if best < 0.5:
        return None
    left = [name for name, score in scores.items() if score >= best - _AS_GOOD]
    if left[0] in _LATIN:
        return "cp1250" if _is_central(sample) and "cp1250" in left else left[0]
    if len(left) == 1:
        return left[0]
    match = from_bytes(sample, cp_isolation=left, enable_fallback=False).best()
    return match.encoding if match is not None and match.encoding in left else left[0]


def _is_central(sample: bytes) -> bool:
    """Whether š and ž, which have the same bytes in both, are in many of the words: the West has none."""
    found = [word for word in _BREAKS.split(sample.decode("cp1250", "replace")) if not word.isascii()]
    return sum(any(one in "šžŠŽ" for one in word) for word in found) >= _CENTRAL * len(found)


def _likeness(sample: bytes, encoding: str) -> float:
    """The share of the words with other than ASCII letters that look like words."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    found = [word for word in _BREAKS.split(text) if not word.isascii()]
    if not found:
        return 0.0
    foreign = sum(not one.isascii() for word in found for one in word) / sum(map(len, found))
    if (encoding in _LATIN and foreign > _ALPHABET) or (encoding in _ALPHABETS and foreign <= _ALPHABET):
        return 0.0
    return sum(map(_is_word, found)) / len(found)


def _is_word(word: str) -> bool:
    if not all(one.isalpha() or unicodedata.category(one) == "Mn" for one in word):
        return False
    if len({unicodedata.name(one, "").partition(" ")[0] for one in word}) > 1:
        return False
    return word.islower() or word.isupper() or word[1:].islower() or word.lower() == word.upper()
