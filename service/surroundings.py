"""What reads depend on beside their arguments: the settings, and the rules that are in force."""

from __future__ import annotations

from dataclasses import dataclass

from service.customers.rules import Survivorship
from service.identity.kinds import Kinds
from service.identity.rules import Rules
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings and the rules."""

    settings: Settings
    rules: Rules

    @property
    def region(self) -> str | None:
        """Region of phone numbers without a country code."""
        return self.settings.region

    @property
    def golden_rules(self) -> Survivorship:
        """How golden values are chosen."""
        return self.settings.golden_rules

    @property
    def kinds(self) -> Kinds:
        """The rules of kinds, as this process knows them."""
        return self.rules.current

    @property
    def version(self) -> int:
        """Plans that were made by other rules are not used."""
        return self.rules.current.version
