"""Tests of service/identity/matching/."""
