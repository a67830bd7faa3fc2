"""Drivers of real devices, and shadow."""
