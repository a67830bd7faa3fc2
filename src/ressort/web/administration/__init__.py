"""The administration of an installation: people, vehicles, shifts, stops, network, appearance, exchanged tables."""
