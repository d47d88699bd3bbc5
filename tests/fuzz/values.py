"""Values of scalars: what people send, and what only an attacker or a broken program does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import graphql as g
from hypothesis import strategies as st
from hypothesis_graphql import nodes

RAW: Final[Mapping[str, str]] = {
    "@lone-surrogate@": r"\ud800",
    "@reversed-surrogates@": r"\udc00\ud83d",
    "@nul@": r"\u0000",
    "@overlong-escape@": r"\u{110000}",
}
"""What no library writes into a string, by the sign that stands for it until the request is text."""

NASTY: Final = (
    *RAW,
    "",
    " ",
    "\t\n",
    "\x00",
    "a\x00b",
    "\x7f\x9f",
    "\u202e\u0645\u0631\u062d\u0628\u0627 abc",  # Right to left, by a sign and by the script.
    "\u05e9\u05dc\u05d5\u05dd",
    "e\u0301" * 40,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\ufeff",
    "\ufffe\uffff",
    "\U0010ffff",
    "\u2028\u2029",
    "İstanbul ǅ ß ﬁ",
    "null",
    "NaN",
    "Infinity",
    "-0",
    "1e400",
    "9" * 40,
    "' OR 1=1 --",
    '"}) { __schema { types { name } } }',
    "MATCH (n) DETACH DELETE n",
    "$key",
    "`x`",
    "../../etc/passwd",
    "\\",
    "%00%s%n",
    "{}",
    "[]",
    "/(a+)+$/",
    "/[/",
    "https://exa\u0000mple.org/",
    "https://[::1",
    "http://169.254.169.254/",
    "@",
    "a@b",
    "a" * 65 + "@example.org",
    "x@" + "a." * 130 + "org",
    "+",
    "+7916" + "0" * 60,
    "Europe/Berlin",
    "Europe/Nowhere",
    "/etc/localtime",
    "2026-02-30",
)
_LONG: Final = ("x" * 100_000, "\u202e\u0645" * 50_000, "\x00" * 100_000, "a b" * 33_000, "1" * 100_000)
_PLAIN: Final = ("web", "page_view", "Ann", "Юлия", "李明", "ann@example.org", "+49 30 123456", "c1", "crm", "UTC")

_TIMES: Final = (
    "2026-01-31T09:30:00Z",
    "2024-03-01T00:00:00.000Z",
    "2025-06-15T12:00:00+05:45",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
    "1969-12-31T23:59:59.999Z",
    "2026-W05-6T09:30:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T09:30:00.123456789Z",
    "2026-01-31T09:30:00+00:00:30",
    "2026-01-31 09:30Z",
    "２０２６-01-31T09:30:00Z",
    "2026-01-31T09:30:00",
)
_DATES: Final = (
    "2026-01-31",
    "0001-01-01",
    "9999-12-31",
    "20260131",
    "2026-W05-6",
    "2026-02-30",
    "",
    "٢٠٢٦-01-31",
)
_DECIMALS: Final = (
    *(
        "0",
        "-0",
        "19.90",
        "1e400",
        "1E-999",
        "1e999",
        "-1e-400",
        "9" * 64,
        "0." + "0" * 60 + "1",
        "NaN",
        "Infinity",
    ),
    *("sNaN", "1_000", "٣", "+5", "1e15", "999999999999999.99999999", "1e-8", "1e-9", "", "-", "0x10", "1,5"),
)
_CURRENCIES: Final = ("EUR", "USD", "JPY", "BHD", "XXX", "eur", "", "€", "\x00\x00\x00", "EURO" * 5_000)
_DURATIONS: Final = (
    *("P7D", "PT30M", "P1W", "PT0S", "P0D", "P90D", "P9999999W", "P9999999D", "PT999999999H", "PT0.000001S"),
    *("P1Y", "P", "PT", "-P1D", "P1DT", "PT999999999.999999S", "P１D", "PT1e5S"),
)
_INTS: Final = (0, 1, 2, 20, 100, 101, -1, 2**31 - 1, -(2**31))
_FLOATS: Final = (
    "0.5",
    "0",
    "1",
    "-0.0",
    "1e308",
    "1e400",
    "-1e400",
    "5e-324",
    "1e-400",
    "0.9",
    "123456789012345678901",
)
_NUMBERS: Final = (
    "1e400",
    "-1e400",
    "123456789012345678901234567890",
    "18446744073709551615",
    "9223372036854775808",
)


def _text() -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(_PLAIN),
        st.sampled_from(NASTY),
        st.text(st.characters(codec="utf-8"), max_size=12),
        # A hundred kilobytes now and then: else requests are about nothing else.
        st.integers(0, 60).map(lambda n: _LONG[n] if n < len(_LONG) else "name"),
    )


def _strings(*options: str) -> st.SearchStrategy[g.ValueNode]:
    return st.sampled_from(options).map(nodes.String)


def _deep(levels: int) -> g.ValueNode:
    node: g.ValueNode = nodes.Int(1)
    for level in range(levels):
        node = nodes.List([node]) if level % 2 else nodes.Object([_field("a", node)])
    return node


def _field(name: str, value: g.ValueNode) -> g.ObjectFieldNode:
    return g.ObjectFieldNode(name=g.NameNode(value=name), value=value)


def _json() -> st.SearchStrategy[g.ValueNode]:
    names = st.sampled_from(("name", "email", "city", "birthDate", "a", "phone", "__proto__", "_", "id"))
    leaves = st.one_of(
        _text().map(nodes.String),
        st.sampled_from(_NUMBERS).map(lambda text: g.FloatValueNode(value=text)),
        st.sampled_from(_INTS).map(nodes.Int),
        st.booleans().map(nodes.Boolean),
        st.just(nodes.Null),
    )

    def inside(inner: st.SearchStrategy[g.ValueNode]) -> st.SearchStrategy[g.ValueNode]:
        pairs = st.dictionaries(names, inner, max_size=4)
        objects = pairs.map(lambda some: nodes.Object([_field(name, one) for name, one in some.items()]))
        return objects | st.lists(inner, max_size=3).map(nodes.List)

    objects = st.dictionaries(names, st.recursive(leaves, inside, max_leaves=6), min_size=1, max_size=5).map(
        lambda some: nodes.Object([_field(name, one) for name, one in some.items()])
    )
    return st.one_of(objects, objects, objects, leaves, st.sampled_from((31, 32, 33, 120)).map(_deep))


def scalars() -> dict[str, st.SearchStrategy[Any]]:
    """Strategies of value nodes by the name of the scalar, the built-in ones too."""
    anything = _text().map(nodes.String)
    return {
        "String": anything,
        "ID": anything | st.sampled_from(_INTS).map(nodes.Int),
        "Int": st.one_of(st.integers(1, 100).map(nodes.Int), st.sampled_from(_INTS).map(nodes.Int)),
        "Float": st.sampled_from(_FLOATS).map(lambda text: g.FloatValueNode(value=text)),
        "DateTime": _strings(*_TIMES),
        "Date": _strings(*_DATES),
        "Decimal": _strings(*_DECIMALS) | st.sampled_from((0, 5, -7, 10**30)).map(nodes.Int),
        "Currency": _strings(*_CURRENCIES),
        "Duration": _strings(*_DURATIONS),
        "JSON": _json(),
    }
