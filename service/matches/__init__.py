"""Matches: customers who may be one person though no identifier says so. Found, shown, decided."""
