"""Writes, for one plan, the Python that makes an answer of rows.

A function for each selection, with one dict display, so that an answer is built as fast as Python can. In the text
`r` is a row (a list of columns), `m` a mapping, `rows` what a mapping's origin counts in, and `b` what is bound.
Values are never written into the text: what is not a name or a number is reached by a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn, cast

from graphql import (
    GraphQLEnumType,
    GraphQLOutputType,
    GraphQLScalarType,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

Build = Callable[[list[Any], list[Any], Any], dict[str, Any]]
"""From the root's row, what is bound, and the payload of a write to the answer."""

ROW: Final = "r, b"
MAPPING: Final = "m, rows, b"

_AS_IT_IS: Final = frozenset({"String", "ID", "Boolean"})
_INT: Final = 2**31


class Unanswerable(Exception):
    """A plan's rows lack what must not be null: the ordinary execution says where."""


def as_it_is(value: Any) -> Any:
    """How a scalar is written whose stored form is the one that goes out."""
    return value


def _int(value: Any) -> int:
    if type(value) is int and -_INT <= value < _INT:
        return value
    raise Unanswerable


_NUMBERS: Final[Mapping[str, Callable[[Any], Any]]] = {"Int": _int, "Float": float}


def written(type_: GraphQLScalarType | GraphQLEnumType) -> Callable[[Any], Any]:
    """How a leaf goes out, given as it is stored and not null."""
    if isinstance(type_, GraphQLEnumType) or type_.name in _AS_IT_IS:
        return as_it_is
    return _NUMBERS.get(type_.name, type_.coerce_output_value)


def _missing() -> NoReturn:
    raise Unanswerable


class Builder:
    """The functions of one plan, while they are written."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {"missing": _missing}
        self._functions: list[str] = []

    @property
    def source(self) -> str:
        """The text so far."""
        return "\n\n".join(self._functions)

    def name(self, value: Any, kind: str) -> str:
        """A name for a value that the text refers to."""
        for name, present in self._names.items():
            if present is value:
                return name
        name = f"{kind}{len(self._names)}"
        self._names[name] = value
        return name

    def function(self, parameters: str, required: Sequence[str], result: str) -> str:
        """A function that gives `result`, unless one of the `required` is null."""
        name = f"f{len(self._functions)}"
        lines = [f"def {name}({parameters}):"]
        if required:
            lines += [f"    if {' or '.join(f'{text} is None' for text in required)}: missing()"]
        self._functions.append("\n".join([*lines, f"    return {result}"]))
        return name

    def build(self, name: str) -> Build:
        """The function of this name, compiled with all that it needs."""
        namespace = dict(self._names)
        exec(compile(self.source, "<plan>", "exec"), namespace)
        return cast("Build", namespace[name])

    def leaf(self, type_: GraphQLOutputType, text: str) -> str:
        """A scalar, an enum, or lists of them, where it is known not to be null if its type says so."""
        inner = get_nullable_type(type_)
        if is_list_type(inner):
            item = inner.of_type
            written = self.leaf(item, "x")
            if is_non_null_type(item):
                written = written if written == "x" else f"missing() if x is None else {written}"
            result = text if written == "x" else f"[{written} for x in {text}]"
        else:
            result = self._scalar(cast("GraphQLScalarType | GraphQLEnumType", inner), text)
        if is_non_null_type(type_) or result == text:
            return result
        return f"(None if {text} is None else {result})"

    def _scalar(self, type_: GraphQLScalarType | GraphQLEnumType, text: str) -> str:
        write = written(type_)
        return text if write is as_it_is else f"{self.name(write, 'write')}({text})"

    def display(self, fields: Sequence[tuple[str, str]]) -> str:
        """A dict display; keys are response names, which are GraphQL names and nothing else."""
        return "{" + ", ".join(f'"{key}": {text}' for key, text in fields) + "}"
