"""The contact screen."""
