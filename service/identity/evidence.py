"""What holds a customer together: the strongest chain of links between two identifiers, and bridges. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from service.identity import kinds
from service.identity.kinds import Kinds
from service.identity.models import LinkMethod

_LAST: Final = 99_999
"""The weakest priority that is told from weaker ones."""
_MOST: Final = 9_999
"""The greatest number of identifiers that is told from greater ones."""


@dataclass(frozen=True, slots=True)
class StoredLink:
    """Evidence as the graph has it, with the kinds of the identifiers at its ends."""

    id: str
    from_key: str
    to_key: str
    from_kind: str
    to_kind: str
    method: str
    rule: str = ""
    probability: float = 1.0
    source: str | None = None
    message_id: str | None = None
    at: int = 0
    active: bool = True
    refused: str | None = None
    """The code of why it was never accepted."""
    cut_by: str | None = None
    """The ids of the events that cut it, with spaces between."""

    @property
    def cuts(self) -> list[str]:
        """The ids of the events that cut it."""
        return (self.cut_by or "").split()

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The keys and kinds of both ends."""
        return (self.from_key, self.from_kind), (self.to_key, self.to_kind)

    def other(self, key: str) -> str:
        """The end that is not this one."""
        return self.to_key if key == self.from_key else self.from_key


# --- the chain between two identifiers ------------------------------------------------------------------------


class _Chain(NamedTuple):
    """A chain so far, as it compares with others of its length: the least is the strongest."""

    doubt: Fraction
    """The product of the probabilities, negated. A fraction, so that equal products are equal."""
    priorities: int
    """Of the identifiers that it passes, summed."""
    times: int
    """Of its links, summed: the older evidence has stood longer."""
    ids: tuple[str, ...]
    links: tuple[StoredLink, ...]


def strongest_chain(a: str, b: str, links: Iterable[StoredLink], rules: Kinds) -> list[StoredLink] | None:
    """The links that lead from one identifier to another; None where none do.

    The shortest chain, for each link more is one more thing that may be wrong; of those the most probable, then
    that over the strongest identifiers, then the oldest. It grows step by step from `a`: a chain that is weaker
    than another to the same identifier stays so with whatever comes behind.
    """
    beside = _by_end(links)
    reached: set[str] = {a}
    front = {a: _Chain(Fraction(-1), 0, 0, (), ())}
    while front:
        if b in front:
            return list(front[b].links)
        further: dict[str, _Chain] = {}
        for key, chain in front.items():
            for link in beside[key]:
                other = link.other(key)
                if other not in reached:
                    longer = _longer(chain, link, other, rules)
                    further[other] = min(longer, further.get(other, longer), key=lambda one: one[:4])
        reached |= further.keys()
        front = further
    return None


def _by_end(links: Iterable[StoredLink]) -> dict[str, list[StoredLink]]:
    beside: dict[str, list[StoredLink]] = defaultdict(list)
    for link in links:
        beside[link.from_key].append(link)
        beside[link.to_key].append(link)
    return beside


def _longer(chain: _Chain, link: StoredLink, other: str, rules: Kinds) -> _Chain:
    kind = dict(link.ends)[other]
    return _Chain(
        chain.doubt * Fraction(link.probability),
        chain.priorities + _priority(kind, rules),
        chain.times + link.at,
        (*chain.ids, link.id),
        (*chain.links, link),
    )


def _priority(name: str, rules: Kinds) -> int:
    """Of a customer's own identifier the weakest: it tells a reader less than what somebody was seen with."""
    kind = rules.by_name(name)
    return min(kind.priority, _LAST) if kind else _LAST


# --- bridges --------------------------------------------------------------------------------------------------


class Side(NamedTuple):
    """What one side of a bridge would be by itself."""

    identifiers: int
    """How many of them are shown: a customer's own is not."""
    personal: int
    """How many of those a person gives of themselves."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A link without which its ends would not be connected, and what hangs on them."""

    link: StoredLink
    from_side: Side
    to_side: Side

    @property
    def holds(self) -> bool:
        """Whether without it something that is shown would be without something else that is."""
        return self.from_side.identifiers > 0 and self.to_side.identifiers > 0


@dataclass(slots=True)
class _Visit:
    """An identifier as the walk comes by."""

    number: int
    low: int
    """The first visited that its part of the tree reaches by another link."""
    by: int
    """The number of the link that led here."""
    identifiers: int
    personal: int


def bridges(links: Sequence[StoredLink], rules: Kinds) -> list[Bridge]:
    """The bridges among links, in linear time: Tarjan's, with a stack of its own, for chains may be long.

    Two links between the same identifiers are no bridges: either would do.
    """
    beside: dict[str, list[int]] = defaultdict(list)
    kind_of: dict[str, str] = {}
    for number, link in enumerate(links):
        for key, kind in link.ends:
            beside[key].append(number)
            kind_of[key] = kind
    visits: dict[str, _Visit] = {}
    found: list[Bridge] = []
    for root in beside:
        if root not in visits:
            found += _bridges_from(
                root, links, beside, {k: _side(kind, rules) for k, kind in kind_of.items()}, visits
            )
    return found


def _side(kind: str, rules: Kinds) -> Side:
    rule = rules.by_name(kind)
    return Side(int(kind != kinds.OWN), int(rule is not None and rule.personal))


def _bridges_from(
    root: str,
    links: Sequence[StoredLink],
    beside: Mapping[str, list[int]],
    single: Mapping[str, Side],
    visits: dict[str, _Visit],
) -> list[Bridge]:
    """The bridges of the component that an identifier is in."""
    below: list[tuple[StoredLink, str, Side]] = []
    visits[root] = _Visit(len(visits), len(visits), -1, *single[root])
    stack = [(root, iter(beside[root]))]
    while stack:
        key, waiting = stack[-1]
        visit = visits[key]
        for number in waiting:
            other = links[number].other(key)
            if number == visit.by:
                continue
            if other in visits:
                visit.low = min(visit.low, visits[other].number)
                continue
            visits[other] = _Visit(len(visits), len(visits), number, *single[other])
            stack.append((other, iter(beside[other])))
            break
        else:
            stack.pop()
            if stack:
                above = visits[stack[-1][0]]
                if visit.low == visit.number:
                    below.append((links[visit.by], key, Side(visit.identifiers, visit.personal)))
                above.low = min(above.low, visit.low)
                above.identifiers += visit.identifiers
                above.personal += visit.personal
    whole = visits[root]
    return [_bridge(link, key, side, whole) for link, key, side in below]


def _bridge(link: StoredLink, key: str, side: Side, whole: _Visit) -> Bridge:
    rest = Side(whole.identifiers - side.identifiers, whole.personal - side.personal)
    return Bridge(link, side, rest) if link.from_key == key else Bridge(link, rest, side)


def sides(links: Iterable[StoredLink], without: StoredLink) -> tuple[list[str], list[str]]:
    """The identifiers that are shown on either side of a link, where it is a bridge: its `from` side first."""
    links = [link for link in links if link.id != without.id]
    kind_of = dict(end for link in (*links, without) for end in link.ends)
    beside = _by_end(links)
    return _shown_from(without.from_key, beside, kind_of), _shown_from(without.to_key, beside, kind_of)


def _shown_from(start: str, beside: Mapping[str, list[StoredLink]], kind_of: Mapping[str, str]) -> list[str]:
    reached = {start: None}
    for key in (order := [start]):
        for link in beside.get(key, ()):
            other = link.other(key)
            if other not in reached:
                reached[other] = None
                order.append(other)
    return sorted(key for key in reached if kind_of[key] != kinds.OWN)


# --- which bridge is weakest ----------------------------------------------------------------------------------


def _may_join_people(bridge: Bridge, rules: Kinds) -> bool:
    """Whether there is somebody on either side: a personal identifier, and more to it than the link itself tells.

    An account that was seen with its e-mail address is one person, though one link holds them together. It is
    another thing if both have more that hangs on them, if what was seen with them is a device, which people share,
    or if the link is a guess.
    """
    link, (one, other) = bridge.link, (bridge.from_side, bridge.to_side)
    if not one.personal or not other.personal:
        return False
    told = link.probability >= 1.0 and all(_side(kind, rules).personal for _, kind in link.ends)
    return not told or min(one.identifiers, other.identifiers) > 1


_ASSERTED: Final = {LinkMethod.BY_HAND.value: 1}
"""What somebody said outright comes behind what was concluded."""
_OWN: Final = 2
"""An id and what it was given for belong together without any evidence; behind the others, they hold too."""


def weakness(bridge: Bridge, rules: Kinds) -> str:
    """How weak a bridge is, as a text that sorts: the weakest first.

    What makes a bridge worth an operator's look is that two people may hang on it. So first come those that may
    have made one of two people who each gave something of themselves: see `_may_join_people`. Then

    - the less probable before the more probable,
    - what was concluded before what somebody said, and links of customers' own ids last,
    - links of weaker kinds, a device's before an e-mail's, for more people share them,
    - that of which the smaller side is the larger, for more is fused if it is wrong,
    - the older link, which is also what makes the order a total one.
    """
    link, (one, other) = bridge.link, (bridge.from_side, bridge.to_side)
    own = kinds.OWN in (link.from_kind, link.to_kind)
    # An own identifier is shared by nobody.
    priority = 0 if own else max(_priority(kind, rules) for _, kind in link.ends)
    smaller = min(one.identifiers, other.identifiers, _MOST)
    return ":".join(
        (
            "0" if _may_join_people(bridge, rules) else "1",
            f"{round(min(max(link.probability, 0.0), 1.0) * 1_000_000):07d}",
            str(_ASSERTED.get(link.method, _OWN if own else 0)),
            f"{_LAST - priority:05d}",
            f"{_MOST - smaller:04d}",
            link.id,
        )
    )
