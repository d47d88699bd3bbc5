from __future__ import annotations

from typing import Any, cast

import pytest
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
)

from service.api.schema import schema
from service.reads.builders import ROW, Builder, Unanswerable

COLOUR = GraphQLEnumType("Colour", {"RED": None, "BLUE": None})


def scalar(name: str) -> GraphQLScalarType:
    return cast("GraphQLScalarType", schema._schema.type_map[name])


def required(type_: Any) -> GraphQLNonNull[Any]:
    return GraphQLNonNull(type_)


def many(type_: Any) -> GraphQLList[Any]:
    return GraphQLList(type_)


def built(type_: GraphQLOutputType, value: Any) -> Any:
    """What a leaf of a type is for a value in the first column."""
    builder = Builder()
    text = builder.leaf(type_, "r[0]")
    needed = ["r[0]"] if isinstance(type_, GraphQLNonNull) else []
    name = builder.function(f"{ROW}, made", needed, builder.display([("x", text)]))
    return builder.build(name)([value], [], None)["x"]


@pytest.mark.parametrize(
    "type_", [GraphQLString, GraphQLID, GraphQLBoolean, COLOUR, scalar("Currency"), scalar("JSON"), scalar("Date")]
)
def test_what_is_stored_as_it_goes_out_is_not_touched(type_: GraphQLOutputType) -> None:
    assert Builder().leaf(type_, "r[3]") == "r[3]"
    assert Builder().leaf(required(type_), "r[3]") == "r[3]"
    assert Builder().leaf(required(many(type_)), "r[3]") == "r[3]"


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (GraphQLString, "a", "a"),
        (GraphQLBoolean, False, False),
        (COLOUR, "RED", "RED"),
        (GraphQLInt, 0, 0),
        (GraphQLInt, -(2**31), -(2**31)),
        (GraphQLInt, 2**31 - 1, 2**31 - 1),
        (GraphQLFloat, 2, 2.0),
        (scalar("DateTime"), 0, "1970-01-01T00:00:00.000Z"),
        (scalar("Duration"), 0, "PT0S"),
        (scalar("Decimal"), "1E+2", "100"),
        (scalar("JSON"), {"a": [None]}, {"a": [None]}),
    ],
)
def test_a_leaf_is_written_by_its_type_and_null_stays(type_: GraphQLOutputType, value: Any, expected: Any) -> None:
    assert built(type_, value) == built(required(type_), value) == expected
    assert type(built(type_, value)) is type(expected)
    assert built(type_, None) is None


@pytest.mark.parametrize(
    "type_", [GraphQLString, GraphQLInt, COLOUR, scalar("DateTime"), many(GraphQLInt), many(GraphQLString)]
)
def test_null_where_there_must_not_be_is_unanswerable(type_: GraphQLOutputType) -> None:
    with pytest.raises(Unanswerable):
        built(required(type_), None)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 1.0, True, "1"])
def test_what_is_no_int_is_unanswerable(value: Any) -> None:
    with pytest.raises(Unanswerable):
        built(GraphQLInt, value)
    with pytest.raises(Unanswerable):
        built(required(GraphQLInt), value)


AT = scalar("DateTime")
EPOCH = "1970-01-01T00:00:00.000Z"


def test_lists_are_written_item_by_item() -> None:
    assert built(many(GraphQLString), ["a", None]) == ["a", None]
    assert built(many(AT), [0, None]) == [EPOCH, None]
    assert built(many(AT), None) is None
    assert built(many(AT), []) == []
    assert built(many(required(AT)), [0, 0]) == [EPOCH, EPOCH]
    assert built(required(many(required(AT))), [0]) == [EPOCH]
    assert built(many(required(AT)), None) is None
    assert built(many(many(AT)), [[0], None, []]) == [[EPOCH], None, []]
    assert built(many(required(many(required(AT)))), [[0], []]) == [[EPOCH], []]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (many(required(AT)), [0, None]),
        (required(many(required(GraphQLInt))), [1, None]),
        (many(required(many(AT))), [[0], None]),
        (many(many(required(AT))), [[0], [None]]),
    ],
)
def test_null_in_a_list_that_must_not_have_any_is_unanswerable(type_: GraphQLOutputType, value: Any) -> None:
    with pytest.raises(Unanswerable):
        built(type_, value)


def test_a_function_asks_for_what_is_required_and_for_nothing_else() -> None:
    builder = Builder()
    inner = builder.function(ROW, ["r[0]", "r[1]"], builder.display([("a", "r[0]"), ("b", "r[1]"), ("c", "r[2]")]))
    outer = builder.function(
        f"{ROW}, made", [], builder.display([("inner", f"{inner}(r[0], b)"), ("made", "made")])
    )
    assert (
        builder.source
        == """def f0(r, b):
    if r[0] is None or r[1] is None: missing()
    return {"a": r[0], "b": r[1], "c": r[2]}

def f1(r, b, made):
    return {"inner": f0(r[0], b), "made": made}"""
    )
    build = builder.build(outer)
    assert build([[1, 0, None]], [], 7) == {"inner": {"a": 1, "b": 0, "c": None}, "made": 7}
    for row in ([None, 1, 1], [1, None, 1]):
        with pytest.raises(Unanswerable):
            build([row], [], 7)


def test_a_value_has_one_name_and_others_have_others() -> None:
    builder = Builder()
    one, other = object(), object()
    assert builder.name(one, "value") == builder.name(one, "value") == "value1"
    assert builder.name(other, "value") == "value2"
    build = builder.build(
        builder.function(f"{ROW}, made", [], builder.display([("x", "value1"), ("y", "value2")]))
    )
    assert build([], [], None) == {"x": one, "y": other}


def test_names_are_kept_in_their_order() -> None:
    builder = Builder()
    build = builder.build(builder.function(f"{ROW}, made", [], builder.display([("b", "r[1]"), ("a", "r[0]")])))
    assert list(build([1, 2], [], None).items()) == [("b", 2), ("a", 1)]
    assert builder.display([]) == "{}"
