"""Clearances: command of equipment lent to a partner for a time, and people limited to some classes."""
