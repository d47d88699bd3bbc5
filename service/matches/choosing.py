"""Which records a record is compared with. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from service.identity.matching.blocks import MAX_BLOCK
from service.identity.matching.judging import MAX_COMPARED


def chosen_keys(keys: Sequence[str], many: Mapping[str, int]) -> list[str]:
    """The keys of a record to follow, the rarest first, until they find enough.

    `many` tells how many records each key finds, the record itself too: one that finds more than MAX_BLOCK says
    next to nothing, and is not followed. Of equally rare keys the more telling one, which stands first, comes
    first.
    """
    ordered = sorted((one for one in keys if 1 < many.get(one, 0) <= MAX_BLOCK), key=lambda one: many[one])
    chosen: list[str] = []
    found = 0
    for key in ordered:
        if found >= MAX_COMPARED:
            break
        chosen.append(key)
        found += many[key] - 1
    return chosen


def compared(
    customer_id: str, present: Iterable[str], keys: Iterable[str], members: Mapping[str, Sequence[str]]
) -> list[str]:
    """The customers to compare one with: of its open candidates, the likeliest, then those that its keys find.

    The rarest key comes first; as many as there is room for, of which half is kept for those who are new.
    """
    others = dict.fromkeys(list(present)[: MAX_COMPARED // 2])
    others |= dict.fromkeys(other for key in keys for other in members.get(key, ()))
    others.pop(customer_id, None)
    return list(others)[:MAX_COMPARED]
