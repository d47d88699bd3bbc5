"""Tickets: customers who ask for help, and how soon they are answered."""
