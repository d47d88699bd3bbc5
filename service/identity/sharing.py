"""Values that too many people share: a shop's own phone number, a kiosk's device. Pure.

People of a value are told by the groups that would remain of its customer, and of those whom it was refused to
join, if all its links were cut: as many as have a personal identifier of the same kind, for one person's groups
differ (an address here, a number there, an id in each system), and those of several are alike. Of anonymous groups
a hundred may be one person, whose browser renews its cookies weekly. (To count each group as a person would make
the e-mail address generic of everybody who logs in from six cookies, or is known to six systems.)
"""

from __future__ import annotations

from collections import Counter, defaultdict

from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.kinds import Kinds
from service.identity.neighbourhood import Neighbourhood
from service.identity.normalising import strength
from service.identity.regrouping import Regrouping


def people(around: Neighbourhood, key: str, rules: Kinds) -> int:
    """How many people a value is seen with: see above."""
    neighbours = _neighbours(around)
    seen = {key}
    personal, anonymous = Counter[str](), 0
    for start in neighbours[key]:
        if start in seen:
            continue
        group = _reached(neighbours, start, seen)
        names = {around.identifiers[one].kind for one in group} - {kinds.OWN}
        given = [name for name in names if (kind := rules.by_name(name)) is not None and kind.personal]
        personal.update(given)
        anonymous += bool(names and not given)
    return max(personal.values(), default=0) + anonymous // kinds.ANONYMOUS_A_PERSON


def _neighbours(around: Neighbourhood) -> dict[str, set[str]]:
    """What each identifier is linked with, by evidence that holds or was refused because of a limit."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    known = around.identifiers
    for link in around.links.values():
        counts = link.active or (link.refused == UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED.value and not link.cut_by)
        one, other = link.pair
        if counts and one in known and other in known and not (known[one].generic or known[other].generic):
            neighbours[one].add(other)
            neighbours[other].add(one)
    return neighbours


def _reached(neighbours: dict[str, set[str]], start: str, seen: set[str]) -> list[str]:
    seen.add(start)
    group = [start]
    for one in group:
        for other in neighbours[one] - seen:
            seen.add(other)
            group.append(other)
    return group


def most_shared(around: Neighbourhood, rules: Kinds) -> tuple[str, int] | None:
    """The value that is the most above what its kind may be shared by, with its number of people."""
    neighbours = _neighbours(around)
    found: list[tuple[int, int, str, int]] = []
    for key, others in neighbours.items():
        known = around.identifiers[key]
        kind = rules.by_name(known.kind)
        # Each group begins with a neighbour, so fewer of those are no reason to look.
        if kind is None or known.pinned or len(others) <= kind.shared_by:
            continue
        count = people(around, key, rules)
        if count > kind.shared_by:
            found.append((count - kind.shared_by, strength(known.kind, rules), key, count))
    if not found:
        return None
    *_, key, count = max(found)
    return key, count


def set_apart(change: Regrouping, key: str) -> None:
    """Makes a value generic: its links are cut, the customers that it had fused are separate again."""
    change.mark(key, generic=True)
    for link in list(change.around.links.values()):
        if link.active and key in link.pair:
            change.cut(link)
    change.adopt_orphans()
    change.accept_again()
