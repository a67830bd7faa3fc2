"""OGC SensorThings 1.1 over what devices observe: how it is asked, how tables are told in its words.

``language``, ``judging``, ``options`` and ``model`` are pure; ``selecting`` and ``rows`` read the catalogue, ``observed``
reads observations a page at a time, ``answering`` and ``creating`` are the two things that its face calls.
"""
