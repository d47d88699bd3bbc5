from __future__ import annotations

import random

import pytest

from service.identity.blocking import MAX_KEYS, has_keys, identifier_keys, wanted_keys, wanted_prefixes, word_keys
from service.identity.names import person_tokens
from tests.benchmarks.people import mistyped, people


def keys_of(name: str) -> set[str]:
    return word_keys(person_tokens([name]))


def wanted(text: str) -> set[str]:
    return set().union(*wanted_keys(text))


def test_a_name_has_a_key_for_each_word_and_two_for_the_pair() -> None:
    assert keys_of("Julia Shcherbakov") == {
        "w:iulia iulia",
        "w:xrbkv xerbakov",
        "ww:iulia xerbakov",
        "ss:iulia xrbkv",
    }


def test_a_name_has_the_same_keys_in_any_order_and_script() -> None:
    assert keys_of("Щербаков, Юлия") == keys_of("Julia SHCHERBAKOV") == keys_of("Yulia Scherbakow")
    assert keys_of("李明") == keys_of("LI, Ming") == keys_of("Ming Li")


def test_initials_have_no_keys() -> None:
    assert keys_of("J. Müller") == {"w:mlr muler"}
    assert keys_of("J.") == set()


def test_no_name_has_very_many_keys() -> None:
    assert len(keys_of("anna bella carla doris emma frida greta hanna ida")) == 6 + 2 * 6
    assert keys_of("x" * 3 + "abc" * 100) == set()


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("email", "julia.shch+news@example.com", {"e:iuliax"}),
        ("email", "julia.shcherbakov@example.com", {"e:lxrbkv"}),
        ("email", "li@example.com", set()),
        ("phone", "+79161234567", {"p:1234567"}),
        ("external:crm", "AB-4711", {"x:ab-4711"}),
        ("cookie", "c1", set()),
        ("device", "d1", set()),
        ("user_id", "u1", set()),
    ],
)
def test_identifiers_have_one_key_or_none(kind: str, value: str, expected: set[str]) -> None:
    assert identifier_keys(kind, value) == expected
    assert has_keys(kind) or not expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Julia Shcherbakov", "ww:iulia xerbakov"),
        ("Julia Shcherbkov", "ss:iulia xrbkv"),
        ("Julia Shcherbako", "ss:iulia xrbkv"),
        ("Jlia Shcherbakov", "ss:iulia xrbkv"),
        ("Shcherbakvo", "w:xrbkv xerbakov"),
        ("juliashcherbakov", "ww:iulia xerbakov"),
        ("liming", "ww:li ming"),
        ("Li Xiao Ming", "ww:ksiaoming li"),
        ("Volks Wagen", "w:vlksvgn volksvagen"),
        ("Acme GmbH", "w:km akme"),
        ("julia.shch@exmaple.com", "e:iuliax"),
        ("julia.shhc@example.com", "e:iuliax"),
        ("1234567", "p:1234567"),
        ("8 916 123-45-67", "p:1234567"),
        ("+7 916 123-45-76", "p:1234567"),
        ("+7 916 123-4567 8", "p:1234567"),
        ("916 12 345 67", "p:1234567"),
        ("916 12 3467", "p:1234567"),
        ("ab-4711", "x:ab-4711"),
        ("julia.shch", "e:iuliax"),
        ("Julia Shch", "e:iuliax"),
    ],
)
def test_a_text_looks_for_a_key(text: str, key: str) -> None:
    assert key in wanted(text)


def test_what_is_likelier_is_of_a_lower_rank() -> None:
    exact, bones, errors, single = wanted_keys("Julia Shcherbakov")
    assert exact == {"x:julia shcherbakov", "e:lxrbkv", "ww:iulia xerbakov"}
    assert bones == {"ss:iulia xrbkv"}
    assert "ss:iulia xrbv" in errors
    assert {"w:iulia iulia", "w:xrbkv xerbakov"} < single


def test_a_text_looks_for_the_beginning_of_its_last_word() -> None:
    assert wanted_prefixes("Shcherb") == ["w:xrb"]
    assert wanted_prefixes("Julia Shcherb") == ["ww:iulia xerb"]
    assert (
        wanted_prefixes("Li")
        == wanted_prefixes("a@b.c")
        == wanted_prefixes("+79161234567")
        == wanted_prefixes("")
        == []
    )


def test_a_text_looks_for_a_bounded_number_of_keys() -> None:
    for text in (
        "a" * 200,
        "abcdefghij" * 20,
        "ab " * 60,
        f"{'abcdefgh' * 20}@example.com",
        "1" * 200,
        "李" * 200,
    ):
        assert sum(len(rank) for rank in wanted_keys(text)) <= MAX_KEYS


def test_nearly_every_single_typing_error_in_a_name_is_survived() -> None:
    chance = random.Random(5)
    everybody = list(people(2_000, seed=5))
    found = sum(bool(keys_of(one.name) & wanted(mistyped(chance, one.name))) for one in everybody)
    assert found / len(everybody) >= 0.99


def test_nearly_every_single_typing_error_in_a_word_is_survived() -> None:
    chance = random.Random(6)
    everybody = [one for one in people(2_000, seed=6) if len(one.last) >= 5]
    found = sum(bool(keys_of(one.last) & wanted(mistyped(chance, one.last))) for one in everybody)
    # Measured: .96 of names with three syllables, many of them with sounds of two or three letters.
    assert found / len(everybody) >= 0.94
