"""Encodings are found out from names of people, of which a file may have few."""

from __future__ import annotations

import codecs

import pytest

from service.text_encoding import NotText, encoding_of

RUSSIAN = "имя,город\nЮлия Щербакова,Киев\nПётр Соловьёв,Москва\n"
UKRAINIAN = "ім'я,місто\nОлексій Шевченко,Київ\nЇжакевич Ганна,Харків\n"
WESTERN = "name,city\nJürgen Müller,Köln\nFrançois Lefèvre,Orléans\nJosé Núñez,Málaga\nBjørn Åsen,Tromsø\n"
POLISH = "imię,miasto\nŁukasz Wójcik,Kraków\nŻaneta Dąbrowska,Łódź\n"
CZECH = "jméno,město\nTomáš Dvořák,Plzeň\nRůžena Černá,Žatec\n"
CHINESE = "姓名,城市\n李明,北京\n王小红,上海\n张伟,广州\n"
GREEK = "όνομα,πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\nΝίκος Ιωάννου,Πάτρα\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859_5"),
        (UKRAINIAN, "cp1251"),
        (WESTERN, "cp1252"),
        (WESTERN, "latin-1"),
        (POLISH, "cp1250"),
        (CZECH, "cp1250"),
        (CHINESE, "gb18030"),
        (GREEK, "cp1253"),
        *(
            (text, wide)
            for text in (RUSSIAN, WESTERN, CHINESE)
            for wide in ("utf-8", "utf-8-sig", "utf-16", "utf-32")
        ),
        (WESTERN, "utf-16-le"),
        (WESTERN, "utf-16-be"),
    ],
)
def test_names_come_out_as_they_were_written(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    found = encoding_of([content])
    assert found is not None
    assert content.decode(found) == text


def test_one_name_is_enough_for_cyrillic_and_german() -> None:
    assert encoding_of(["name\nЮлия\n".encode("cp1251")]) == "cp1251"
    assert encoding_of(["name\nJürgen\n".encode("cp1252")]) == "cp1252"


def test_utf_8_may_be_broken_between_chunks() -> None:
    content = RUSSIAN.encode()
    assert encoding_of([content[:23], content[23:]]) == "utf-8"


def test_what_comes_late_counts() -> None:
    ascii_only = b"name,city\n" + b"Ann,Bonn\n" * 1000
    assert encoding_of([ascii_only, RUSSIAN.encode("cp1251")]) == "cp1251"


def test_ascii_and_nothing_are_utf_8() -> None:
    assert encoding_of([b"name\nAnn\n"]) == "utf-8"
    assert encoding_of([]) == "utf-8"


def test_zeros_are_no_text() -> None:
    with pytest.raises(NotText):
        encoding_of([b"name\0\0\n\1\2\0"])


def test_bytes_that_make_no_words_have_no_encoding() -> None:
    assert encoding_of([bytes(range(128, 256)) * 4]) is None


def test_a_mark_settles_it() -> None:
    assert encoding_of([codecs.BOM_UTF16_LE + "a".encode("utf-16-le")]) == "utf-16"
    assert encoding_of([codecs.BOM_UTF32_LE + "a".encode("utf-32-le")]) == "utf-32"
