from __future__ import annotations

import pytest

from service.identity.latin import tokens
from service.identity.names import (
    company_tokens,
    is_legal_form,
    mistyped,
    pairs,
    person_tokens,
    skeleton,
    sound,
)


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        ("Юлия Yulia Julia Iuliia Ioulia Yuliya Julija", "iulia"),
        ("Щербаков Shcherbakov Scherbakow Sherbakov Ščerbakov Schtscherbakow Szczerbakow", "xerbakov"),
        ("Müller Mueller Muller", "muler"),
        ("Zhang 张 張", "xang"),
        ("Чайковский Tchaikovsky Tschaikowski Chaikovskij Czajkowski", "haikovski"),
        ("Елена Elena Yelena Jelena", "elena"),
        ("Сергей Sergey Sergei Sergej", "sergei"),
        ("Дмитрий Dmitry Dmitri Dmitriy Dmitrij", "dmitri"),
        ("Соловьёв Solovyov Soloviev Solovev", "solovev"),
        ("Фёдор Fedor Fyodor Fjodor", "vedor"),
        ("Цветков Tsvetkov Zwetkow Cvetkov", "svetkov"),
        ("Жуков Zhukov Schukow Žukov", "xukov"),
        ("Philipp Filip", "vilip"),
        ("Thomas Tomas", "tomas"),
        ("Schmidt Schmitt", "xmit"),
        ("Alexej Алексей Aleksey", "aleksei"),
    ],
)
def test_spellings_of_a_name_sound_the_same(spellings: str, expected: str) -> None:
    assert {sound(token) for token in tokens(spellings)} == {expected}


def test_names_that_sound_different_are_told_apart() -> None:
    names = [
        "Julia",
        "Juliana",
        "Maria",
        "Marina",
        "Ivanov",
        "Ivanova",
        "Schmidt",
        "Smith",
        "Müller",
        "Möller",
        "Li",
        "Lin",
        "Wang",
        "Zhang",
    ]
    heard = {sound(token) for name in names for token in tokens(name)}
    assert len(heard) == len(names)


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        ("Mohammed Mohamed Muhammad محمد Мухаммед", "mhmd"),
        ("Александр Alexander Aleksandr Alexandre Oleksandr", "lksndr"),
        ("Catherine Katherine Katarina Kathryn", "ktrn"),
        ("Dmitry Dimitri", "dmtr"),
        ("Stephen Stefan Steven", "stvn"),
    ],
)
def test_spellings_of_a_name_have_a_skeleton(spellings: str, expected: str) -> None:
    assert {skeleton(sound(token)) for token in tokens(spellings)} == {expected}


def test_where_next_to_nothing_is_left_the_skeleton_is_the_sound() -> None:
    assert [skeleton(one) for one in ("li", "iulia", "anna", "ao", "")] == ["li", "iulia", "anna", "ao", ""]


def test_a_persons_words_are_those_of_all_their_names() -> None:
    assert person_tokens(["Юлия Щербакова", "yuliya", "Julia"]) == ["yuliya", "shcherbakova", "julia"]


def test_a_company_is_known_without_its_legal_form() -> None:
    assert company_tokens(["Acme GmbH & Co. KG"]) == ["acme"]
    assert company_tokens(["AG"]) == ["ag"]
    assert is_legal_form("gmbh")
    assert not is_legal_form("acme")


def test_pairs_are_in_alphabetical_order() -> None:
    assert list(pairs(["b", "a", "c"])) == [("a", "b"), ("b", "c"), ("a", "c")]


def test_all_typing_errors_are_made() -> None:
    assert mistyped("ab", "ab") == {"a", "b", "ba", "aa", "bb", "aab", "abb", "aba", "bab"}
    assert mistyped("a", "ab") == {"b", "aa", "ab", "ba"}
