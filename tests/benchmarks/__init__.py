"""Benchmarks: ratios against the raw driver, measured in one run on one machine."""
