"""The doctor: whether a graph is as it must be, and what to do where it is not. Reads only."""
