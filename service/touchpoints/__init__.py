"""Touchpoints and orders: recording and reading."""
