"""Pipelines and deals."""
