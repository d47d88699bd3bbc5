"""Matching: which records are of one person, where no identifier says so. Pure functions over arrays."""
