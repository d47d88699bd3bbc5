from __future__ import annotations

import pytest

from service.identity.scoring import Match, Said, Sort, Text, best, likeness, match

JULIA = [
    Said("firstName", Sort.PERSON, "Julia"),
    Said("lastName", Sort.PERSON, "Shcherbakova"),
    Said("company", Sort.COMPANY, "Acme GmbH"),
]
LI_MING = [Said("name", Sort.PERSON, "李明")]
EMAIL = [Said("email", Sort.EMAIL, "julia.shch@example.com")]
PHONE = [Said("phone", Sort.PHONE, "+79161234567")]
CARD = [Said("external:crm", Sort.ID, "AB-4711")]
NAME = {"firstName", "lastName"}


@pytest.mark.parametrize(
    ("text", "said", "score", "on"),
    [
        ("Julia Shcherbakova", JULIA, 1.0, NAME),
        ("SHCHERBAKOVA, julia", JULIA, 1.0, NAME),
        ("Юлия Щербакова", JULIA, 0.99, NAME),
        ("Yulia Scherbakowa", JULIA, 0.97, NAME),
        ("juliashcherbakova", JULIA, 0.97, NAME),
        ("Jula Shcherbakova", JULIA, 0.95, NAME),
        ("Julia", JULIA, 1.0, {"firstName"}),
        ("Julia Acme", JULIA, 1.0, {"company", "firstName"}),
        ("acme", JULIA, 1.0, {"company"}),
        ("ACME Ltd", JULIA, 1.0, {"company"}),
        ("Julia Sergeevna Shcherbakova", JULIA, 0.6538, NAME),
        ("Li Ming", LI_MING, 1.0, {"name"}),
        ("LI, Ming", LI_MING, 1.0, {"name"}),
        ("liming", LI_MING, 0.97, {"name"}),
        ("Li", LI_MING, 0.9333, {"name"}),
        ("Li Mng", LI_MING, 0.88, {"name"}),
        ("julia.shch@example.com", EMAIL, 1.0, {"email"}),
        ("Julia.Shch@Example.com", EMAIL, 1.0, {"email"}),
        ("julia.shhc@example.com", EMAIL, 0.9545, {"email"}),
        ("julia.shch", EMAIL, 0.9, {"email"}),
        ("+7 (916) 123-45-67", PHONE, 1.0, {"phone"}),
        ("916 123 45 67", PHONE, 0.95, {"phone"}),
        ("1234567", PHONE, 0.95, {"phone"}),
        ("916 123 45 76", PHONE, 0.855, {"phone"}),
        ("ab-4711", CARD, 1.0, {"external:crm"}),
    ],
)
def test_scores(text: str, said: list[Said], score: float, on: set[str]) -> None:
    assert match(Text(text), said) == Match(score, frozenset(on))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Julia Smith", JULIA),
        ("Maria Ivanova", JULIA),
        ("Li", JULIA),
        ("GmbH", [Said("company", Sort.COMPANY, "Acme")]),
        ("julia@other.org", EMAIL),
        ("123456", PHONE),
        ("AB-4712", CARD),
        ("!", JULIA),
        ("", JULIA),
        ("Julia", []),
        ("Julia", [Said("name", Sort.PERSON, "—"), Said("company", Sort.COMPANY, "!")]),
        ("Acme Corporate", [Said("name", Sort.PERSON, "?"), Said("company", Sort.COMPANY, "Other")]),
    ],
)
def test_what_is_too_little_alike_is_no_match(text: str, said: list[Said]) -> None:
    assert match(Text(text), said) is None


def test_exact_is_more_than_near_is_more_than_half() -> None:
    texts = ["Julia Shcherbakova", "Yulia Scherbakowa", "Yulia Scherbkowa", "Julia Sergeevna Shcherbakova"]
    matches = [match(Text(text), JULIA) for text in texts]
    scores = [one.score for one in matches if one]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("julia", "julia", 1.0),
        ("yuliya", "julia", 0.97),
        ("mohamed", "muhammad", 0.8),
        ("shch", "shcherbakova", 0.75 + 0.2 * 4 / 12),
        ("ivanova", "ivanov", 6 / 7),
        ("smith", "jones", 0.0),
    ],
)
def test_how_much_alike_words_are(one: str, other: str, expected: float) -> None:
    assert likeness(one, other) == pytest.approx(expected)


def test_several_matches_are_one_with_the_best_score_and_all_that_matched() -> None:
    near, far, none = (Match(score, frozenset({what})) for score, what in ((0.9, "a"), (0.7, "b"), (0.5, "c")))
    assert best([near, None, far, none]) == Match(0.9, frozenset({"a", "b"}))
    assert best([none, None]) is None
    assert best([]) is None
