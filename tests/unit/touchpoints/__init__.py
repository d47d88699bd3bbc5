"""Tests of service/touchpoints/."""
