"""The one face: shell, components, map and live view."""
