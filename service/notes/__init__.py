"""Notes: what people wrote down of customers, leads, deals and tickets, calls and replies too."""
