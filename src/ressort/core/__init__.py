"""The shared ground: what every service stands on."""
