"""Tests of service/graph/."""
