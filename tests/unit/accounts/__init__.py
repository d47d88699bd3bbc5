"""Tests of service/accounts/."""
