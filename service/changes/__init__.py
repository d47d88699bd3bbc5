"""The change log: what every commit changed, in the order of commits."""
