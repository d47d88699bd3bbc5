"""Global ids: a prefix that tells the type, then a UUIDv7, so that ids sort by age.

Ids are minted inside the committer's transaction, from the graph's own clock, which never stands still
or goes back: ids grow strictly, also across service processes.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

CUSTOMER: Final = "cus_"
IDENTIFIER: Final = "idn_"
TOUCHPOINT: Final = "tp_"
ORDER: Final = "ord_"
DEAL: Final = "deal_"
STAGE_CHANGE: Final = "dsc_"
PIPELINE: Final = "pip_"
STAGE: Final = "stg_"
LINK: Final = "lnk_"
SOURCE_PROFILE: Final = "prf_"
IDENTITY_EVENT: Final = "iev_"
MATCH: Final = "match_"
LEAD: Final = "lead_"
ACCOUNT: Final = "acc_"
TASK: Final = "task_"
TICKET: Final = "tkt_"
NOTE: Final = "note_"
WEBHOOK: Final = "whk_"
API_KEY: Final = "key_"

_FORM = re.compile(r"([a-z]+_)[0-9a-f]{32}")


class Mint:
    """Ids of one batch: all with the batch's time, told apart and ordered by a counter.

    The counter takes UUIDv7's 12 bits of rand_a and 14 bits of rand_b (RFC 9562, 6.2, method 1).
    """

    def __init__(self, epoch_millis: int) -> None:
        self.millis = epoch_millis
        self._count = 0
        self._random = b""

    def __call__(self, prefix: str) -> str:
        """The next id with this prefix."""
        count, self._count = self._count, self._count + 1
        high, low = count >> 14, count & 0x3FFF
        value = self.millis << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low << 48 | self._random_bits()
        return f"{prefix}{value:032x}"

    def _random_bits(self) -> int:
        """48 random bits, asked of the system for many ids at once."""
        if not self._random:
            self._random = secrets.token_bytes(6 * 256)
        bits, self._random = self._random[:6], self._random[6:]
        return int.from_bytes(bits)


def first_at(prefix: str, epoch_millis: int) -> str:
    """A lower bound of the ids that were minted at a time or later."""
    return f"{prefix}{epoch_millis:012x}"


def millis_of(global_id: str) -> int | None:
    """When a well-formed id was minted, in epoch milliseconds."""
    match = _FORM.fullmatch(global_id)
    return int(global_id[len(match[1]) :][:12], 16) if match else None


def prefix_of(global_id: str) -> str | None:
    """The type prefix of a well-formed global id, else None."""
    match = _FORM.fullmatch(global_id)
    return match[1] if match else None
