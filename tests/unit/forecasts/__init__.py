"""Tests of service/forecasts/."""
