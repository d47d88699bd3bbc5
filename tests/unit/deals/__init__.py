"""Tests of service/deals/."""
