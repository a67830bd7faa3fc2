"""What screens follow: journal events (nothing lost) and a lossy latest-value channel.

``tokens`` signs what a browser may follow, ``latest`` holds the newest value of each key, ``stream`` is the plain
ASGI application that sends both as server-sent events.
"""
