"""Verbs of on-demand transport: each authorises, locks, reads, decides, writes and records one event."""
