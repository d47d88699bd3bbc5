from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

import pytest

from service.access import repository as access
from service.accounts import repository as accounts
from service.customers import repository as customers
from service.deals import repository as deals
from service.graph import queries
from service.identity import repository as identity
from service.journeys import repository as journeys
from service.leads import repository as leads
from service.matches import repository as matches
from service.notes import repository as notes
from service.reads.relations import KEY, Node, Relation, renamed
from service.tasks import repository as tasks
from service.tickets import repository as tickets
from service.touchpoints import repository as touchpoints
from service.webhooks import repository as webhooks

MODULES = (
    access,
    accounts,
    customers,
    deals,
    identity,
    journeys,
    leads,
    matches,
    notes,
    tasks,
    tickets,
    touchpoints,
    webhooks,
)
RELATIONS = {
    one.query: one
    for one in (*chain.from_iterable(vars(module).values() for module in MODULES), *deals.CLOSING_PAGES.values())
    if isinstance(one, Relation)
}
every_relation = pytest.mark.parametrize("relation", RELATIONS.values(), ids=RELATIONS)

LETTER = re.compile(r"[a-z]")


def names_in(fragment: str) -> set[str]:
    """All that a fragment names: what it declares, and all else that is neither property, label nor function."""
    bare = re.sub(r"'[^']*'", "''", re.sub(r"(USING INDEX \w+:\w+)\([\w, ]+\)", r"\1", fragment))
    declared = re.findall(r"\((\w+)[:)]|\[(\w+):|\bAS (\w+)", bare)
    used = re.findall(r"(?<![\w.$:'])([a-z]\w*)(?![\w(:])", bare)
    return {name for name in chain(used, *declared) if name}


def blocks_in(fragment: str) -> Iterator[str]:
    """What is inside the braces of each EXISTS and COUNT."""
    for match in re.finditer(r"\b(?:EXISTS|COUNT)\s*\{", fragment):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(fragment[end], 0)
            end += 1
        yield fragment[match.end() : end]


def of(text: str, **given: object) -> Relation:
    """A relation whose file has this text."""
    relation = Relation("of/nothing", **given)  # type: ignore[arg-type]
    vars(relation)["fragment"] = text
    return relation


def written(relation: Relation, start: str = "c1", number: int = 2) -> str:
    return relation.text(start, number, lambda name: f"p.{name}_{number}", carried="p")


def test_there_are_relations() -> None:
    assert len(RELATIONS) > 25
    assert "journeys/newest" in RELATIONS


@every_relation
def test_every_relation_has_a_file_that_says_that_it_is_a_fragment(relation: Relation) -> None:
    path = queries.folder() / f"{relation.query}.cypher"
    assert path.read_text(encoding="utf-8").startswith("// Fragment: ")
    assert relation.fragment == queries.load(relation.query)
    assert relation.fragment.startswith(("MATCH ", "UNWIND "))


def test_every_fragment_is_that_of_a_relation() -> None:
    folder = queries.folder()
    fragments = {
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.rglob("*.cypher")
        if path.read_text(encoding="utf-8").startswith("// Fragment: ")
    }
    assert fragments == set(RELATIONS)


@every_relation
def test_variables_are_one_letter(relation: Relation) -> None:
    names = names_in(relation.fragment)
    assert names
    assert [name for name in names if not LETTER.fullmatch(name)] == []


@every_relation
def test_a_fragment_has_the_letters_that_the_relation_names(relation: Relation) -> None:
    names = names_in(relation.fragment)
    named = {relation.end, relation.tag, *relation.values} - {""}
    assert named
    assert named <= names
    if relation.start is not None:
        assert relation.start.letter in names
        assert KEY not in names


@every_relation
def test_the_first_lines_tell_from_what_to_what(relation: Relation) -> None:
    text = (queries.folder() / f"{relation.query}.cypher").read_text(encoding="utf-8")
    header = " ".join(line.removeprefix("//") for line in text.splitlines() if line.startswith("//"))
    start = re.search(r"From (\w)\b", header)
    if relation.start is not None:
        assert start
        assert start[1] == relation.start.letter
    elif start:
        assert start[1] == KEY
    assert bool(start) == (relation.start is not None or KEY in names_in(relation.fragment))
    end = re.search(r"\b[Tt]o (\w)\b", header)
    assert (end[1] if end else "") == relation.end


@every_relation
def test_subqueries_carry_one_variable_to_which_another_is_added(relation: Relation) -> None:
    calls = relation.fragment.count("CALL")
    assert len(re.findall(r"CALL \([a-z]\) \{", relation.fragment)) == calls
    assert len(re.findall(r"CALL \(\w+, p\) \{", written(relation))) == calls


@every_relation
def test_a_written_fragment_has_only_variables_with_its_number(relation: Relation) -> None:
    text = written(relation)
    assert "$" not in text
    allowed = {renamed(name, 2) for name in names_in(relation.fragment)} | {"c1", "p"}
    assert names_in(text) <= allowed
    assert re.sub(r"p\.(\w+)_2\b", r"$\1", text).count("$") == relation.fragment.count("$")


@every_relation
def test_a_limit_is_a_parameter_and_must_be_the_same(relation: Relation) -> None:
    assert relation.limits <= relation.parameters
    assert relation.fragment.count("LIMIT") == relation.fragment.count("LIMIT $limit")
    assert ("limit" in relation.limits) == ("LIMIT" in relation.fragment)


@every_relation
def test_parameters_must_be_the_same_where_some_are_inside_a_subquery_of_a_condition(relation: Relation) -> None:
    inside = any("$" in block for block in blocks_in(relation.fragment))
    assert relation.limits == (relation.parameters if inside else relation.parameters & {"limit"})
    assert inside == (relation in (customers.LAST_SEEN, customers.CREATED))


def test_variables_get_the_number_and_the_start_is_what_it_starts_from() -> None:
    relation = of("MATCH (c)<-[r:OF]-(i:It {kind: 'x'})\nWITH i, c ORDER BY i.position", start=Node("c", "C"))
    assert (
        written(relation, "c7") == "MATCH (c7)<-[r2:OF]-(i2:It {kind: 'x'})\nWITH p, i2, c7 ORDER BY i2.position"
    )
    assert written(relation, "p.c_3", 4) == (
        "MATCH (p.c_3)<-[r4:OF]-(i4:It {kind: 'x'})\nWITH p, i4, p.c_3 ORDER BY i4.position"
    )


def test_without_a_start_the_key_is_what_it_starts_from() -> None:
    relation = of("MATCH (i:It {key: k}) WHERE i.k <> 'k'")
    assert written(relation, "p.k_2") == "MATCH (i2:It {key: p.k_2}) WHERE i2.k <> 'k'"


def test_with_a_start_the_letter_of_the_key_is_one_like_others() -> None:
    assert written(of("MATCH (c)--(k)", start=Node("c", "C"))) == "MATCH (c1)--(k2)"


def test_what_is_written_is_not_taken_for_a_part_of_the_fragment() -> None:
    relation = of("MATCH (c)--(i) WHERE i.x = $x", start=Node("c", "C"))
    text = relation.text("i", 2, lambda name: f"c.{name} + i", carried="p")
    assert text == "MATCH (i)--(i2) WHERE i2.x = c.x + i"


def test_parameters_are_written_as_one_is_told_and_a_letter_among_them_too() -> None:
    relation = of("WHERE i.a > $from AND i.b < $x LIMIT $limit")
    assert relation.parameters == {"from", "x", "limit"}
    assert relation.limits == {"limit"}
    text = relation.text("k", 3, lambda name: f"${name}_3", carried="p")
    assert text == "WHERE i3.a > $from_3 AND i3.b < $x_3 LIMIT $limit_3"


def test_a_subquery_carries_the_variable_that_parameters_are_in() -> None:
    relation = of("CALL (i) {\n  RETURN i.x AS x\n}\nWITH x", start=Node("c", "C"))
    assert written(relation) == "CALL (i2, p) {\n  RETURN i2.x AS x2\n}\nWITH p, x2"


def test_functions_labels_properties_and_texts_stay() -> None:
    text = "WITH count(*) AS n, size(t.xs) AS s, 'a' AS y, [:A], COUNT { (i)-[:MADE]->() }"
    assert written(of(text)) == (
        "WITH count(*) AS n2, size(t2.xs) AS s2, 'a' AS y2, [:A], COUNT { (i2)-[:MADE]->() }"
    )


def test_a_with_keeps_the_variable_that_parameters_are_in_unless_it_counts() -> None:
    relation = of(
        "UNWIND c.xs AS n\nWITH n, c\nCALL (n) {\n  WITH n LIMIT $limit\n  RETURN n AS x\n}\nWITH x ORDER BY x"
    )
    assert written(relation).splitlines() == [
        "UNWIND c2.xs AS n2",
        "WITH p, n2, c2",
        "CALL (n2, p) {",
        "  WITH n2 LIMIT p.limit_2",
        "  RETURN n2 AS x2",
        "}",
        "WITH p, x2 ORDER BY x2",
    ]
    for counting in (
        "WITH count(*) AS n",
        "WITH t.channel AS x, count(*) AS n",
        "WITH sum(COUNT { (i)--() }) AS n",
        "WITH DISTINCT i, count(*) AS n",
    ):
        assert "p" not in names_in(written(of(counting)))


def test_what_is_read_once_only_is_so_together_with_what_parameters_are_in() -> None:
    text = written(of("MATCH (i)--(h)\nWITH DISTINCT h ORDER BY h.at LIMIT $limit"))
    assert text == "MATCH (i2)--(h2)\nWITH DISTINCT p, h2 ORDER BY h2.at LIMIT p.limit_2"


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("WHERE c.x = $x LIMIT $limit", {"limit"}),
        ("WHERE c.x = $x", set()),
        ("WHERE EXISTS { (c)--(:I {kind: $kind}) } LIMIT $limit", {"kind", "limit"}),
        ("WHERE c.x = $x AND COUNT { (c)--(o) WHERE o.y = $y } > 1", {"x", "y"}),
        ("WHERE COUNT { (c)--(o) } >= $x LIMIT $limit", {"limit"}),
        ("WHERE EXISTS { (c)--(:D {state: 'OPEN'}) } = $x", set()),
    ],
)
def test_limits_and_what_is_asked_inside_a_condition_must_be_the_same(text: str, limits: set[str]) -> None:
    assert of(text).limits == limits


def test_the_types_of_rows_are_one_or_those_that_are_listed() -> None:
    assert of("", type="Deal").possible_types == ("Deal",)
    assert journeys.NEWEST.possible_types == ("Touchpoint", "Order", "DealStageChange", "Ticket", "Note")


@pytest.mark.parametrize("relation", [journeys.NEWEST, journeys.OLDEST], ids=["newest", "oldest"])
def test_a_tag_is_the_name_of_one_of_the_types(relation: Relation) -> None:
    assert set(re.findall(rf"'(\w+)' AS {relation.tag}\b", relation.fragment)) == set(relation.types)
