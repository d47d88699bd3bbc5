"""The unified profile: golden attributes and what is known of a customer."""
