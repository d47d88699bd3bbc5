"""Survivorship: which rule chooses the golden value of an attribute, and how far a source is trusted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

MIDDLE_TRUST: Final = 50
"""Of a source that has no rank: in the middle, so that one source can be put above all others, or below them,
without ranking them all."""
MOST_TRUST: Final = 100
"""The highest rank; the lowest is 0. The scale says nothing but which of two sources is trusted more."""


class SurvivorshipRule(Enum):
    """How a golden value is chosen among what the sources say."""

    MOST_RECENT = "MOST_RECENT"
    """What was observed last."""
    MOST_TRUSTED_SOURCE = "MOST_TRUSTED_SOURCE"
    """What the source with the highest trust rank says."""
    MOST_FREQUENT = "MOST_FREQUENT"
    """What most sources say alike; each source counts once."""
    OLDEST = "OLDEST"
    """What was observed first: each source speaks with the first that it said, if it has not withdrawn it."""
    SET_BY_HAND = "SET_BY_HAND"
    """What was set with updateCustomer: before every other rule, until it is withdrawn."""


DEFAULT_RULE: Final = SurvivorshipRule.MOST_RECENT
"""Of attributes without a rule: people move, marry and change their number; who heard of it last knows best."""
DEFAULT_RULES: Final[Mapping[str, SurvivorshipRule]] = {
    # A birth date never changes, so the later one is not the truer one; mistyped ones differ, right ones agree.
    "birthDate": SurvivorshipRule.MOST_FREQUENT,
    "birth_date": SurvivorshipRule.MOST_FREQUENT,
    "dateOfBirth": SurvivorshipRule.MOST_FREQUENT,
    "date_of_birth": SurvivorshipRule.MOST_FREQUENT,
    # How somebody came first is by its meaning what was known first; later sources tell how they came to them.
    "acquisitionSource": SurvivorshipRule.OLDEST,
    "acquisition_source": SurvivorshipRule.OLDEST,
    "acquisitionChannel": SurvivorshipRule.OLDEST,
    "acquisition_channel": SurvivorshipRule.OLDEST,
}
"""Of attributes for which one can be argued; the settings change them like any other."""


@dataclass(frozen=True, slots=True)
class Survivorship:
    """The rules and ranks that are in force: the settings' where they say something, else the defaults here."""

    rules: Mapping[str, SurvivorshipRule] = field(default_factory=lambda: DEFAULT_RULES)
    default: SurvivorshipRule = DEFAULT_RULE
    trust: Mapping[str, int] = field(default_factory=dict)

    def rule_of(self, attribute: str) -> SurvivorshipRule:
        """The rule by which an attribute's golden value is chosen, unless it is set by hand."""
        return self.rules.get(attribute, self.default)

    def trust_of(self, source: str) -> int:
        """The trust rank of a source; higher is more trusted."""
        return self.trust.get(source, MIDDLE_TRUST)


DEFAULTS: Final = Survivorship()
"""What holds without any setting."""
