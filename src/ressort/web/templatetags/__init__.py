"""Template tags of the house (builtins: no ``{% load %}`` needed)."""
