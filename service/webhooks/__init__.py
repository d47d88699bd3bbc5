"""Webhooks: changes delivered to endpoints of others, each in order and at least once, by one process at a time.

A webhook is a place in the log of changes. One process holds it at a time (`leases`), goes through the log behind
that place (`delivery`), and keeps how far it came. So a restart, or another process, goes on where it stood.
"""
