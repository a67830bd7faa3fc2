"""Settings, addresses and server entry points."""
