"""What happened to a customer, in the order it happened."""
