"""Accounts: companies, and who of the customers belongs to them."""
