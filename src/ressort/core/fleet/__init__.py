"""Vehicles, shifts, tours, visits and promises."""
