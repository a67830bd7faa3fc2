"""Verbs on citizen reports."""
