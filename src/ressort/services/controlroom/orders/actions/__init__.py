"""Verbs of work orders."""
