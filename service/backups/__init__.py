"""Backups of the embedded engine's folder: taken while a service writes, restored into a folder of its own.

A backup is what the engine itself makes, an archive of the database as it was at one moment, with a manifest in
the archive's comment: so any ArcadeDB can restore it too, and no byte of it can change unseen.
"""
