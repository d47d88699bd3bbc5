"""Random valid operations with nasty values, and damaged files: nothing of it may end in a fault of the service.

`python -m tests.fuzz 20000` sends so many operations, and prints each finding with the smallest one that shows it.
"""
