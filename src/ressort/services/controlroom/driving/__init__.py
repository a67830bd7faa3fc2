"""Drivers of real devices, and shadow: how devices are reached, and when commands may really leave."""
