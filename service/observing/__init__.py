"""Seeing inside: logs, metrics and traces of what the service does, without what it is done with."""
