"""The graph: driver, queries, migrations, committer and the embedded engine."""
