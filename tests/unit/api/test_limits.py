"""The pass over a document: exact numbers, each selection looked at once, and what is refused for what."""

from __future__ import annotations

import random
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from service.api.costs import Weights
from service.api.limits import (
    DocumentRefused,
    Measure,
    Measured,
    check_size,
    check_text,
    check_variables,
    measured,
    repeats,
)
from service.api.schema import types
from service.bounds import Bounds

WEIGHTS = Weights(types)
ENDLESS = Bounds().model_copy(update=dict.fromkeys(Bounds.model_fields, 10**99))


def measure(query: str, bounds: Bounds = ENDLESS) -> Measured:
    return measured(parse(query), WEIGHTS, bounds)


def cost(query: str, **variables: Any) -> int:
    """Of a document with one operation."""
    (price,) = measure(query).prices.values()
    return price.of(variables)


def refused(query: str, bounds: Bounds | None = None) -> dict[str, Any]:
    """The error of a document that is refused before it is validated."""
    bounds = bounds or Bounds()
    try:
        check_text(query, bounds)
        measure(query, bounds)
    except DocumentRefused as found:
        return found.error
    raise AssertionError("it was not refused")


CUSTOMER = 'customer(by: {cookie: "c"})'


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ __typename }", 1),
        # A relation 2, a field 1.
        (f"{{ {CUSTOMER} {{ id displayName }} }}", 4),
        # A list that no argument bounds: ten.
        (f"{{ {CUSTOMER} {{ identifiers {{ kind value }} }} }}", 2 + 2 + 10 * 2),
        # A page: as many as first says, and of its own only once what is not of its items.
        (f"{{ {CUSTOMER} {{ touchpoints(first: 7) {{ nodes {{ id type }} }} }} }}", 2 + 2 + 7 * (1 + 2)),
        (f"{{ {CUSTOMER} {{ touchpoints {{ nodes {{ id }} }} }} }}", 2 + 2 + 20 * (1 + 1)),
        (f"{{ {CUSTOMER} {{ orders {{ edges {{ cursor }} pageInfo {{ endCursor }} }} }} }}", 2 + 2 + 20 * 2 + 2),
        (f"{{ {CUSTOMER} {{ orders {{ nodes {{ total {{ amount }} }} }} }} }}", 2 + 2 + 20 * (1 + 1 + 1)),
        ("{ customers(first: 50) { nodes { id orders(first: 4) { nodes { id } } } } }", 2 + 50 * (2 + 2 + 4 * 2)),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 2 + 3),
        # More than a page may have is refused where it is read, so it costs no more.
        ("{ customers(first: 1000000) { nodes { id } } }", 2 + 100 * 2),
        (f"{{ customers(first: {'9' * 5000}) {{ nodes {{ id }} }} }}", 2 + 100 * 2),
        ("{ customers(first: -5) { nodes { id } } }", 2),
        ('{ searchCustomers(text: "a", first: 5) { score } }', 100 + 5),
        ("{ funnel(input: {steps: []}) { steps { count } } }", 1000 + 1 + 10),
        ("{ __schema { types { name fields { name } } } }", 20_000),
        ('{ __type(name: "Query") { name } }', 500),
        # A mutation 10, a batch so much for each.
        ("mutation { mergeCustomers(input: {}) { customer { id } } }", 10 + 2 + 1),
        ("mutation { recordTouchpoints(input: {items: [1, 2, 3]}) { results { duplicate } } }", 3 * (10 + 2)),
        ("subscription { changes { kind } }", 10 + 1),
        # What the schema does not have costs what a value costs, until validation tells.
        ("{ nothing { more } }", 2),
        ("{ customer { touchpoints(first: x) { nodes { id } } } }", 2 + 2 + 20 * 2),
    ],
)
def test_the_cost_of_an_operation(query: str, expected: int) -> None:
    assert cost(query) == expected


PAGES = """query ($many: Int = 3, $few: Int) {
  customers(first: $many) { nodes { orders(first: $few) { nodes { id } } } } }"""
BATCH = "mutation ($input: X, $items: Y) { recordTouchpoints(input: %s) { results { duplicate } } }"


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        (PAGES, {}, 2 + 3 * (1 + 2 + 20 * 2)),
        (PAGES, {"many": 10}, 2 + 10 * (1 + 2 + 20 * 2)),
        (PAGES, {"many": 10, "few": 1}, 2 + 10 * (1 + 2 + 1 * 2)),
        (PAGES, {"many": None, "few": None}, 2 + 20 * (1 + 2 + 20 * 2)),
        (PAGES, {"many": 10**400, "few": 0}, 2 + 100 * (1 + 2)),
        (PAGES, {"many": -1}, 2),
        (PAGES, {"many": "5", "few": True}, 2 + 1 * (1 + 2 + 1 * 2)),
        (PAGES, {"many": [[]] * 7, "few": {}}, 2 + 7 * (1 + 2 + 1 * 2)),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a"] * 60}, 2 + 60),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": "a"}, 2 + 1),
        (BATCH % "$input", {"input": {"items": [{}] * 500}}, 500 * (10 + 2)),
        (BATCH % "$input", {"input": []}, 10 + 2),
        (BATCH % "{items: $items}", {"items": [{}] * 4}, 4 * (10 + 2)),
        (BATCH % "{items: [$items, $items]}", {"items": [{}] * 4}, 2 * (10 + 2)),
    ],
)
def test_the_cost_with_variables(query: str, variables: dict[str, Any], expected: int) -> None:
    assert cost(query, **variables) == expected


def test_variables_in_fragments_have_the_defaults_of_the_operation() -> None:
    document = parse("""query A($n: Int = 2) { ...F } query B($n: Int = 5) { ...F }
        fragment F on Query { customers(first: $n) { nodes { id } } }""")
    prices = measured(document, WEIGHTS, ENDLESS).prices
    a, b = (prices[id(one)] for one in document.definitions[:2])
    assert (a.of({}), b.of({}), b.of({"n": 9})) == (2 + 2 * 2, 2 + 5 * 2, 2 + 9 * 2)


def test_what_a_fragment_has_counts_wherever_it_is_spread() -> None:
    found = measure("""{ a: customer { ...C @skip(if: false) } ...Q }
        fragment Q on Query { b: customer { ...C } c: customer { id ... on Customer @include(if: true) { id } } }
        fragment C on Customer { x: id touchpoints(first: 2) { nodes { y: id } } }""")
    assert found.whole == Measure(fields=3 + 2 + 2 * 4, aliases=3 + 2 * 2, directives=2, depth=4)
    (price,) = found.prices.values()
    each = 1 + 2 + 2 * (1 + 1)
    assert price.of(None) == (2 + each) + (2 + each) + (2 + 1 + 1)


def test_a_page_is_counted_in_fragments_on_it_too() -> None:
    query = """{ customers(first: 9) { ...Page } orders: customers(first: 2) { ...Page } }
        fragment Page on CustomerConnection { nodes { id } pageInfo { endCursor } }"""
    assert cost(query) == (2 + 9 * 2 + 2) + (2 + 2 * 2 + 2)


def test_repeats_are_counted_by_response_name_in_one_place() -> None:
    assert repeats("{ a: id a, :, id b: id a ... a ...on a { x } @a c { a a } } fragment F on Query { a a }") == 3
    assert repeats("query a { b } query a { b } fragment a on a { a }") == 1
    assert repeats("} } { a { b b") == 2


@pytest.mark.parametrize(
    ("bound", "most", "within", "over"),
    [
        ("characters", 20, "{ id }" + "#" * 14, "{ id }" + "#" * 15),
        ("tokens", 5, '{ id a } #"{" x x x x x', "{ id a b c }"),
        ("tokens", 8, '{ id(a: "{{{{{{{{") }', '{ id(a: "b", c: """d""") }'),
        ("tokens", 8, '{ id(a: """ \\""" { \\\\ """) }', '{ id(a: "\\"") b c }'),
        ("nesting", 2, '{ a { b(c: "{[(") } }'.replace('(c: "{[(")', ""), "{ a { b(c: 1) } }"),
        ("nesting", 3, '{ a { b(c: "{[(") } #{{{\n }', "{ a(b: [[1]]) }"),
        ("depth", 2, "{ a { b } }", "{ a { b { c } } }"),
        ("depth", 2, "{ a { ...F } } fragment F on X { b }", "{ a { ...F } } fragment F on X { b { c } }"),
        ("fields", 3, "{ a b c }", "{ a { b c } d }"),
        ("fields", 3, "{ a ...F } fragment F on X { b c }", "{ ...F ...F } fragment F on X { b c }"),
        ("fields", 3, "query A { a } query B { b c }", "query A { a } query B { b c d }"),
        ("fields", 3, "{ a } fragment F on X { b c }", "{ a } fragment F on X { ...G } fragment G on X { b c d }"),
        ("aliases", 1, "{ a: b c }", "{ a: b c: d }"),
        ("directives", 1, "{ a @b }", "{ a @b ...F @b } fragment F on X { c }"),
        ("directives", 1, "query @a { a }", "query @a { ...F } fragment F on X @b { c }"),
        ("repeats", 2, "{ a a b }", "{ a a b a }"),
        ("fragments", 1, "{ a } fragment F on X { b }", "{ a } fragment F on X { b } fragment G on X { b }"),
        ("operations", 1, "{ a }", "query A { a } query B { a }"),
    ],
)
def test_each_bound_is_told_by_its_name(bound: str, most: int, within: str, over: str) -> None:
    bounds = ENDLESS.model_copy(update={bound: most})
    check_text(within, bounds)
    measure(within, bounds)
    error = refused(over, bounds)
    assert error["extensions"] == {"code": "REQUEST_TOO_LARGE", "bound": bound, "most": most}
    assert f"at most {most} are allowed. " in error["message"]


def test_fragments_in_fragments_in_fragments_are_refused_by_arithmetic() -> None:
    bomb = "{ ...f0 }" + "".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(99))
    error = refused(bomb + "fragment f99 on Query { __typename }")
    assert error["message"].startswith("The document selects more than 1000000 fields; at most 2000 are allowed.")


@pytest.mark.parametrize(
    ("query", "circle"),
    [
        ("{ ...a } fragment a on Query { ...a }", "a > a"),
        (
            "{ id } fragment a on Q { x { ...b } } fragment b on Q { ... { ...c } } fragment c on Q { ...b }",
            "b > c > b",
        ),
    ],
)
def test_circular_fragments_are_refused(query: str, circle: str) -> None:
    error = refused(query)
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert error["message"] == f"Fragments must not be circular: {circle}."
    assert error["locations"]


@pytest.mark.parametrize(
    "text",
    ['{a(b:"""' + '\\"""' * 4000, '{a(b:"' + '\\"' * 9000, '{a(b:"""' + "\\" * 19_000, "#" * 20_000],
)
def test_a_text_without_an_end_is_read_once(text: str) -> None:
    """It would take minutes if a search for the end of a string began anew behind each quote."""
    check_text(text, Bounds())


@pytest.mark.parametrize("text", ['"' * 20_000, '"""' * 6000])
def test_quotes_without_end_are_many_tokens(text: str) -> None:
    assert refused(text)["extensions"]["bound"] == "tokens"


def test_variables_are_bounded_in_number_and_depth() -> None:
    bounds = Bounds(values=6, value_depth=3)
    check_variables(None, bounds)
    check_variables({"a": [1, 2, {"b": 3}], "c": "text"}, bounds)
    with pytest.raises(DocumentRefused, match=r"^The variables have 7 values; at most 6 are allowed\. "):
        check_variables({"a": [1, 2, {"b": 3}], "c": [1]}, bounds)
    with pytest.raises(DocumentRefused, match=r"^The variables have a list of 3 values; at most 2 are allowed\. "):
        check_variables({"a": [{"b": [1, 2, 3]}]}, Bounds(items=2))
    with pytest.raises(DocumentRefused, match=r"^The variables are 4 levels deep; at most 3 are allowed\. "):
        check_variables({"a": [[[]]]}, bounds)


def test_json_with_too_much_in_it_is_not_read() -> None:
    bounds = Bounds(values=5_000)
    for text in (b"[]," * 20_000, "[]," * 20_000):
        with pytest.raises(
            DocumentRefused, match=r"^The variables have 40000 values; at most 5000 are allowed\. "
        ):
            check_size(text, bounds)
    check_size(b"a long text, with commas. " * 10_000, bounds)
    check_size("[]," * 3_000, bounds)


# Against a naive expansion


def naive(document: DocumentNode) -> tuple[Measure, int]:
    """The same numbers by following every spread each time; and how often one name is selected in one place."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    found = Measure()
    reached: set[str] = set()
    repeated = 0

    def follow(selected: SelectionSetNode, depth: int) -> None:
        nonlocal repeated
        names: list[str] = []
        for one in selected.selections:
            found.directives += len(one.directives or ())
            if isinstance(one, FragmentSpreadNode):
                reached.add(one.name.value)
                fragment = fragments.get(one.name.value)
                if fragment is not None:
                    found.directives += len(fragment.directives or ())
                    follow(fragment.selection_set, depth)
                continue
            below = depth
            if isinstance(one, FieldNode):
                below += 1
                found.fields += 1
                found.aliases += one.alias is not None
                found.depth = max(found.depth, below)
                names.append((one.alias or one.name).value)
            if one.selection_set is not None:  # type: ignore[attr-defined]
                follow(one.selection_set, below)  # type: ignore[attr-defined]
        repeated = max(repeated, *map(names.count, names), 0)

    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            found.directives += len(one.directives or ())
            follow(one.selection_set, 0)
    while unused := fragments.keys() - reached - spread_by_others(fragments, reached):
        name = min(unused)
        reached.add(name)
        found.directives += len(fragments[name].directives or ())
        follow(fragments[name].selection_set, 0)
    return found, repeated


def spread_by_others(fragments: dict[str, FragmentDefinitionNode], reached: set[str]) -> set[str]:
    """The fragments that one which is not reached spreads."""
    found: set[str] = set()
    waiting: list[Any] = [one.selection_set for name, one in fragments.items() if name not in reached]
    while waiting:
        for one in waiting.pop().selections:
            if isinstance(one, FragmentSpreadNode):
                found.add(one.name.value)
            elif one.selection_set is not None:
                waiting.append(one.selection_set)
    return found


def random_document(chance: random.Random, fragments: int) -> tuple[str, int]:
    """A document whose fragments spread later ones, and how many selections are written in it."""
    written = 0

    def selections(first: int, depth: int) -> str:
        nonlocal written
        parts = []
        for _ in range(chance.randrange(1, 5)):
            written += 1
            directive = chance.choice(("", "", " @include(if: true)"))
            way = chance.randrange(5)
            if way == 0 and first < fragments:
                parts.append(f"...f{chance.randrange(first, fragments)}{directive}")
            elif way == 1 and depth < 4:
                parts.append(f"...{directive} {{ {selections(first, depth + 1)} }}")
            elif way == 2 and depth < 4:
                parts.append(f"{chance.choice('abc')}: customers{directive} {{ {selections(first, depth + 1)} }}")
            else:
                parts.append(chance.choice("abc") + chance.choice(("", ": id")) + directive)
        return " ".join(parts)

    text = f"{{ {selections(0, 0)} }} query B {{ {selections(0, 0)} }}"
    for number in range(fragments):
        text += f" fragment f{number} on Query{chance.choice(('', ' @a'))} {{ {selections(number + 1, 0)} }}"
    return text, written


@pytest.mark.parametrize("seed", range(60))
def test_the_pass_tells_what_an_expansion_tells(seed: int) -> None:
    chance = random.Random(seed)
    document, _ = random_document(chance, chance.randrange(7))
    whole, repeated = naive(parse(document))
    assert measure(document).whole == whole, document
    # What is refused by its text would be by its parts: no bound is met before the number that it is of.
    exact = {"aliases": whole.aliases, "directives": whole.directives, "repeats": repeated}
    check_text(document, ENDLESS.model_copy(update=exact))
    assert repeated == 0 or refused(document, ENDLESS.model_copy(update={"repeats": repeated - 1}))


@pytest.mark.parametrize("fragments", [10, 100, 500])
def test_each_selection_is_looked_at_once(fragments: int) -> None:
    document, written = random_document(random.Random(fragments), fragments)
    assert measure(document).visited == written


def test_a_sum_with_variables_is_evaluated_once_for_all_who_have_part_in_it() -> None:
    """Doubled a hundred times, a page by a variable is looked up as often as it is written: once."""
    bomb = "".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }} " for n in range(100))
    last = "fragment f100 on Query { customers(first: $n) { nodes { id } } nodes(ids: $ids) { id } }"
    query = f"query ($n: Int, $ids: [ID!]!) {{ ...f0 }} {bomb}{last}"
    looked_up: list[str] = []

    class Looked(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            looked_up.append(name)
            return super().get(name, default)

    (price,) = measure(query).prices.values()
    assert price.sum.at(Looked(n=3, ids=["a"]), {}) == 2**100 * (2 + 3 * 2 + 2 + 1)
    assert looked_up == ["n", "ids"]
