"""Makes random arguments fit what was recorded, most of them: so that operations get past the first check."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from typing import Any, Final

import graphql as g
from hypothesis_graphql import nodes

from tests.fuzz.values import NASTY

_SPOILT: Final = 0.3
"""Of the values that are not to fit, how many become another nasty one than was drawn."""
_GLOBAL_ID: Final = re.compile(r"([a-z]+)_[0-9a-f]{32}")
_KEPT: Final = 300
"""Of each sort: the newest are remembered, and the world that was recorded first."""
_OF: Final = {
    "dealId": "deal",
    "leadId": "lead",
    "taskId": "task",
    "ticketId": "tkt",
    "webhookId": "whk",
    "customerId": "cus",
    "customerIds": "cus",
    "pipelineId": "pip",
    "stageId": "stg",
    "accountId": "acc",
    "matchId": "match",
    "eventId": "iev",
}
"""The prefix of the ids that an argument is for."""
KINDS: Final = (
    *("email", "phone", "cookie", "device", "user_id", "loyalty_card", "wechat_openid", "facebook_id", "app_id"),
    *("advertising_id", "external:crm", "external:shop", "customer", "shoe"),
)
_MODERATE: Final = {
    "timeZone": ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"),
    "source": ("api", "crm", "web", "shop"),
    "channel": ("web", "phone", "direct", "email"),
    "type": ("page_view", "call", "ad_click"),
    "url": ("http://127.0.0.1:9/hook", "https://example.org/hook"),
    "text": ("Ann", "Юлия", "ann@example.org", "+49 30 1234567"),
    "owner": ("olga", "zoë"),
    "amount": ("19.90", "0", "1000000"),
    "quantity": ("1", "2.5"),
    "unitPrice": ("5",),
    "currency": ("EUR", "USD"),
}
_STEPS: Final = (
    *(("type", "page_view"), ("type", "call"), ("channel", "web"), ("channel", "phone"), ("order", None)),
    *(("dealStage", "Qualified"), ("dealStage", "Won"), ("campaign", "spring"), ("pageContains", "e.org")),
)
_STARTS: Final = ("2024-01-01T00:00:00Z", "2025-12-01T00:00:00+03:00", "2026-10-01T00:00:00Z")
_ENDS: Final = ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "2026-11-29T00:00:00Z")


class Known:
    """What answers told of: ids, cursors, and values of identifiers."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = defaultdict(list)
        self.cursors: list[str] = []
        self.values: list[tuple[str, str]] = []

    def learn(self, answer: Any) -> None:
        """Takes from an answer what later operations can name."""
        if isinstance(answer, list):
            for one in answer:
                self.learn(one)
        elif isinstance(answer, dict):
            kind, value = answer.get("kind"), answer.get("value")
            if isinstance(kind, str) and isinstance(value, str) and len(value) < 200:
                self._keep(self.values, (kind, value))
            for name, one in answer.items():
                if isinstance(one, str):
                    self._learn_text(name, one)
                else:
                    self.learn(one)

    def _learn_text(self, name: str, text: str) -> None:
        found = _GLOBAL_ID.fullmatch(text)
        if found:
            self._keep(self.ids[found[1]], text)
        elif "ursor" in name:
            self._keep(self.cursors, text)

    def _keep(self, some: list[Any], one: Any) -> None:
        if one not in some:
            some.append(one)
            if len(some) > _KEPT:
                del some[_KEPT // 3]


class Aiming(g.Visitor):
    """Replaces values in a document by such as fit, each with a probability."""

    def __init__(self, types: g.TypeInfo, chance: random.Random, known: Known, often: float) -> None:
        super().__init__()
        self._types = types
        self._chance = chance
        self._known = known
        self._often = often

    def leave_argument(self, node: g.ArgumentNode, *_: Any) -> g.ArgumentNode:
        """An argument of a field."""
        return g.ArgumentNode(name=node.name, value=self._fitting(node.name.value, node.value))

    def leave_object_field(self, node: g.ObjectFieldNode, *_: Any) -> g.ObjectFieldNode:
        """A field of an input; inside of JSON there is no type, and nothing to fit."""
        if self._types.get_input_type() is None:
            return node
        return g.ObjectFieldNode(name=node.name, value=self._fitting(node.name.value, node.value))

    def leave_object_value(self, node: g.ObjectValueNode, *_: Any) -> g.ObjectValueNode:
        """Of a oneOf input, one field; of an identifier, one that there is."""
        type_ = self._types.get_input_type()
        named = g.get_named_type(type_) if type_ is not None else None
        if isinstance(named, g.GraphQLInputObjectType) and (named.is_one_of or named.name == "CustomerBy"):
            return self._only_one(named)
        if named is not None and named.name == "IdentifierInput" and self._happens():
            return self._identifier()
        if named is not None and named.name == "StepInput" and self._happens():
            return self._step()
        return node

    def _step(self) -> g.ObjectValueNode:
        name, value = self._chance.choice(_STEPS)
        return nodes.Object([_field(name, nodes.Boolean(True) if value is None else nodes.String(value))])

    def _happens(self) -> bool:
        return self._chance.random() < self._often

    def _only_one(self, named: g.GraphQLInputObjectType) -> g.ObjectValueNode:
        name = self._chance.choice(list(named.fields))
        kind = g.get_named_type(named.fields[name].type).name
        values: dict[str, g.ValueNode] = {"Boolean": nodes.Boolean(True), "IdentifierInput": self._identifier()}
        same = {"userId": "user_id"}.get(name, name)
        of_kind = [value for kind, value in self._known.values if kind == same]
        text = self._chance.choice(of_kind) if of_kind else "c1"
        if name == "id":
            text = self._id("cus")
        return nodes.Object([_field(name, values.get(kind, nodes.String(text)))])

    def _identifier(self) -> g.ObjectValueNode:
        if self._known.values and self._chance.random() < 0.6:
            kind, value = self._chance.choice(self._known.values)
        else:
            kind, value = self._chance.choice(KINDS), f"fuzz-{self._chance.randrange(200)}"
            if kind == "email":
                value += "@example.org"
            elif kind == "phone":
                value = f"+49 30 {self._chance.randrange(100, 999)}4567"
        return nodes.Object([_field("kind", nodes.String(kind)), _field("value", nodes.String(value))])

    def _id(self, prefix: str | None) -> str:
        ids = self._known.ids
        some = ids[prefix] if prefix in ids else self._chance.choice(list(ids.values())) if ids else ["none"]
        return self._chance.choice(some)

    def _fitting(self, name: str, value: g.ValueNode) -> g.ValueNode:
        if isinstance(value, g.NullValueNode):
            return value
        if not self._happens():
            nasty = isinstance(value, g.StringValueNode) and self._chance.random() < _SPOILT
            return nodes.String(self._chance.choice(NASTY)) if nasty else value
        type_ = self._types.get_input_type()
        kind = g.get_named_type(type_).name if type_ is not None else ""
        if isinstance(value, g.ListValueNode):
            if kind == "StepInput":
                return nodes.List([self._step() for _ in range(self._chance.randrange(2, 4))])
            if kind != "ID":
                return value
            return nodes.List([nodes.String(self._id(_OF.get(name))) for _ in range(self._chance.randrange(1, 4))])
        if isinstance(value, g.ObjectValueNode):
            return value
        text = self._text(name, kind)
        if text is None:
            return value
        numbers = {"Int": g.IntValueNode, "Float": g.FloatValueNode}
        return numbers[kind](value=text) if kind in numbers else nodes.String(text)

    def _text(self, name: str, kind: str) -> str | None:
        if kind == "ID":
            return self._id(_OF.get(name))
        if kind == "Int":
            return str(self._chance.choice((1, 2, 5, 20)))
        if kind == "Float":
            return self._chance.choice(("0.5", "0.5", "1", "0"))
        if kind == "DateTime" and name in ("from", "to", "seenFrom", "seenTo"):
            return self._chance.choice(_ENDS if name in ("to", "seenTo") else _STARTS)
        if kind == "DateTime":
            return self._chance.choice(("2026-11-01T10:00:00Z", "2025-05-05T05:05:05.005+02:00"))
        if kind == "Duration":
            return self._chance.choice(("P7D", "PT30M", "P90D"))
        if kind == "Date" and name in ("from", "to"):
            return self._chance.choice(("2026-10-01", "2026-01-01") if name == "from" else ("2026-12-31",))
        if name in ("after", "redeliverAfter"):
            return self._chance.choice(self._known.cursors) if self._known.cursors else None
        if name in ("messageId", "idempotencyKey", "orderNumber"):
            return f"fuzz-{self._chance.randrange(10_000)}"
        return self._chance.choice(_MODERATE[name]) if name in _MODERATE else None


def _field(name: str, value: g.ValueNode) -> g.ObjectFieldNode:
    return g.ObjectFieldNode(name=g.NameNode(value=name), value=value)
