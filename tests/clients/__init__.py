"""Clients as others use them, and what cuts them off: for the tests of subscriptions."""
