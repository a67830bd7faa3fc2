"""Observations in: who may say them, which are believed, how they are kept and read again.

One path, ``observing.observe``, whatever door they come by: HTTP, a broker, or the simulated town.
"""
