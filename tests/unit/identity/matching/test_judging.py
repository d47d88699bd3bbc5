"""Whether two people are one, with evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.identity.matching.judging import PRIOR, Agreement, Judgement, judge, judge_pairs, learned
from service.identity.matching.model import DEFAULT, Model
from service.identity.matching.sorts import Sort
from service.identity.matching.tables import Person

CRM: Person = {Sort.FULL_NAME: ("Юлия Щербакова",), Sort.BIRTH_DATE: ("12.03.1990",), Sort.CITY: ("Киев",)}
SHOP: Person = {
    Sort.GIVEN_NAME: ("Julia",),
    Sort.FAMILY_NAME: ("Shcherbakova",),
    Sort.BIRTH_DATE: ("1990-03-12",),
    Sort.CITY: ("Kyiv",),
    Sort.EMAIL: ("julia@example.com",),
}


def of(judgement: Judgement, field: str) -> Agreement:
    return next(one for one in judgement.evidence if one.field == field)


def test_the_same_person_in_two_scripts() -> None:
    (found,) = judge(DEFAULT, CRM, [SHOP])
    assert found.probability > 0.99
    assert [(one.field, one.a, one.b, one.agreement) for one in found.evidence] == [
        (PRIOR, None, None, ""),
        ("given name", "Юлия Щербакова", "Julia", "sounds the same"),
        ("family name", "Юлия Щербакова", "Shcherbakova", "same"),
        ("birth date", "12.03.1990", "1990-03-12", "same"),
        ("city", "Киев", "Kyiv", "same"),
    ]


def test_evidence_is_left_out_of_those_who_are_not_likely() -> None:
    stranger: Person = {Sort.FULL_NAME: ("Robert Brown",), Sort.BIRTH_DATE: ("1961-01-30",)}
    same, other = judge(DEFAULT, CRM, [SHOP, stranger], least=0.5)
    assert same.evidence
    assert other.probability < 1e-6
    assert other.evidence == ()
    assert judge(DEFAULT, CRM, []) == []


def test_a_name_in_the_address_of_somebody_without_a_name() -> None:
    nameless: Person = {Sort.EMAIL: ("muhammadp5@example.com",), Sort.CITY: ("York",)}
    (found,) = judge(DEFAULT, nameless, [{Sort.GIVEN_NAME: ("Muhammad",), Sort.CITY: ("York",)}])
    evidence = of(found, "name in e-mail")
    assert (evidence.a, evidence.b, evidence.agreement) == ("muhammadp5@example.com", "Muhammad", "the name")
    assert evidence.weight > 0


def test_addresses_made_of_names_prove_no_more_than_the_names() -> None:
    one, other = (
        {Sort.GIVEN_NAME: ("Thomas",), Sort.FAMILY_NAME: (name,), Sort.EMAIL: (f"thomas.{name.lower()}@{host}",)}
        for name, host in (("Brown", "nova.example"), ("Browne", "other.example"))
    )
    (found,) = judge(DEFAULT, one, [other])
    assert "e-mail" not in {agreement.field for agreement in found.evidence}


def test_one_of_several_addresses_is_enough() -> None:
    one: Person = {Sort.EMAIL: ("a@example.com", "music904@example.com")}
    (found,) = judge(DEFAULT, one, [{Sort.EMAIL: ("b@example.org", "Music904@example.com", "c@example.net")}])
    evidence = of(found, "e-mail")
    assert (evidence.a, evidence.b, evidence.agreement) == ("music904@example.com", "Music904@example.com", "same")


VALUES = {
    Sort.GIVEN_NAME: ["Anna", "Ann", "Bob", "Robert", "Ольга"],
    Sort.FAMILY_NAME: ["Lee", "Leigh", "Smith", "Смирнова"],
    Sort.BIRTH_DATE: ["1990-01-01", "1990-01-02", "1950"],
    Sort.EMAIL: ["ann.lee@x.com", "lee@y.org"],
    Sort.CITY: ["Kyiv", "Киев", "Leeds"],
    Sort.PHONE: ["+1 503 266 3122", "5032663122"],
    Sort.SEX: ["m", "f"],
}
PEOPLE = st.fixed_dictionaries(
    {}, optional={sort: st.lists(st.sampled_from(texts), max_size=2).map(tuple) for sort, texts in VALUES.items()}
)


@given(PEOPLE, st.lists(PEOPLE, min_size=1, max_size=5))
def test_weights_add_up_and_do_not_depend_on_the_company(person: Person, others: list[Person]) -> None:
    for other, found in zip(others, judge(DEFAULT, person, others), strict=True):
        assert sum(one.weight for one in found.evidence) == pytest.approx(found.bits)
        assert found.probability == pytest.approx(1 / (1 + 2**-found.bits))
        (alone,) = judge(DEFAULT, person, [other])
        assert alone.bits == pytest.approx(found.bits)
        together = judge_pairs(DEFAULT, [other, person, *others], [(0, 1), (1, 0), (1, 2)])
        assert [one.bits for one in together[:2]] == pytest.approx([found.bits] * 2)
        (reverse,) = judge(DEFAULT, other, [person])
        assert reverse.bits == pytest.approx(found.bits)


def test_a_model_is_learned_stored_and_read() -> None:
    people: list[Person] = [
        {
            Sort.GIVEN_NAME: (f"Name{number % 40}",),
            Sort.FAMILY_NAME: (f"Family{number // 2 % 60}",),
            Sort.BIRTH_DATE: (f"19{number // 2 % 90:02d}-03-12",),
        }
        for number in range(240)
    ]
    model = learned(people)
    assert Model.from_json(model.to_json()) == model
    assert set(model.fields) == {"given name", "family name", "middle name", "birth date"}
    for shares in model.fields.values():
        assert sum(shares.m) == pytest.approx(1)
        assert sum(shares.u) == pytest.approx(1)
    assert learned([]).fields == {}


def test_a_few_people_do_not_teach_that_nobody_sounds_alike() -> None:
    """Of ten records there are 45 pairs, however often they are drawn: that none sounds alike proves little."""
    names = [
        "Losolo Zulogachega",
        "Figaba Bavifipanu",
        "Fibavi Fishagamiso",
        "Reshare Kobavitalo",
        "Dugaso Papamifire",
    ]
    people: list[Person] = [
        {Sort.FULL_NAME: (name,), Sort.BIRTH_DATE: (birth.format(1956 + 6 * place),), Sort.CITY: ("Kyiv",)}
        for place, name in enumerate(names)
        for birth in ("{}-11-08", "08.11.{}")
    ]
    model = learned(people)
    stranger: Person = {
        Sort.FULL_NAME: ("Fibafi Loshanuduta",),
        Sort.BIRTH_DATE: ("1957-12-16",),
        Sort.CITY: ("Kyiv",),
    }
    assert max(found.probability for found in judge(model, stranger, people)) < 0.01
    (same,) = judge(model, people[4], [people[5]])
    assert same.probability > 0.99


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"fields": {"e-mail": {}}, "same": 1, "related": []}'])
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Model.from_json(text)
