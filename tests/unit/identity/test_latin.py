from __future__ import annotations

import pytest

from service.identity.latin import MAX_TOKENS, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Юлия Щербакова", ("yuliya", "shcherbakova")),
        ("Щербаков, Юлия", ("shcherbakov", "yuliya")),
        ("Наталья O'Neil", ("natalya", "oneil")),
        ("Jean-Luc Müller", ("jean", "luc", "muller")),
        ("Čapek Šimon Žižka", ("chapek", "shimon", "zhizhka")),
        ("Zoe\u0308", ("zoe",)),
        ("Ёлкин", ("elkin",)),
        ("Е\u0308лкин", ("elkin",)),
        ("İstanbul ISTANBUL", ("istanbul", "istanbul")),
        ("Straße ﬁn", ("strasse", "fin")),
        ("Αλέξανδρος", ("alexandros",)),
        ("محمد علي", ("mhmd", "ly")),
        ("हिन्दी", ("hindi",)),
        ("佐藤 さくら", ("zuo", "teng", "sakura")),
        ("3M & Co.", ("3m", "co")),
        ("  \t", ()),
        ("!?", ()),
        ("", ()),
    ],
)
def test_words_are_written_in_latin_letters(text: str, expected: tuple[str, ...]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("李明", ("li", "ming")),
        ("李 明", ("li", "ming")),
        ("李小明", ("li", "xiaoming")),
        ("張", ("zhang",)),
        ("张", ("zhang",)),
        ("欧阳娜娜", ("ouyang", "nana")),
        ("欧阳", ("ou", "yang")),
        ("曾国藩", ("zeng", "guofan")),
        ("김민수", ("kim", "minsu")),
        ("李明 Li", ("li", "ming", "li")),
    ],
)
def test_a_name_without_spaces_is_divided(text: str, expected: tuple[str, ...]) -> None:
    assert tokens(text) == expected


def test_a_company_is_not_divided() -> None:
    assert tokens("阿里巴巴", of_person=False) == ("alibaba",)
    assert tokens("阿里巴巴") == ("a", "libaba")


def test_no_more_words_than_a_bound_are_read() -> None:
    assert len(tokens("ab " * 100)) == MAX_TOKENS
