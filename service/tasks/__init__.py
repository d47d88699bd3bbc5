"""Tasks: what somebody has to do, with a customer, on a deal, or for nobody in particular."""
