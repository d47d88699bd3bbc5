"""Tests of service/customers/."""
