"""Ressort: the open platform of the territoire intelligent."""

__version__ = "0.1.0"
