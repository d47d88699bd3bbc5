"""People made up, with truth: families, several scripts, shops and sparse records."""

from __future__ import annotations

from tests.benchmarks.populations.household_records import clean, households, relatives_no_dates
from tests.benchmarks.populations.population import ID, Population, population

__all__ = ["ID", "Population", "clean", "households", "population", "relatives_no_dates"]
