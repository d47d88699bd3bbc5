"""Tests without an engine and without a network."""
