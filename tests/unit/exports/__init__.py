"""Tests of service/exports/."""
