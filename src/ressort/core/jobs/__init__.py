"""Leased background work with progress: ``from ressort.core.jobs import queue``."""
