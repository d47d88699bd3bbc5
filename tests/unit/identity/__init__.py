"""Tests of service/identity/."""
