"""People made up, with truth: families, several scripts, shops and sparse records."""

from __future__ import annotations

from tests.benchmarks.populations.household_records import clean, households, relatives_no_dates
from tests.benchmarks.populations.population import ID, Population, population
from tests.benchmarks.populations.registers import heavy, sparse
from tests.benchmarks.populations.several_scripts import scripts, scripts_split
from tests.benchmarks.populations.shop import crm_shop

MADE_UP = (households, relatives_no_dates, scripts, scripts_split, crm_shop, sparse, clean, heavy)

__all__ = ["ID", "MADE_UP", "Population", "population"]
