"""Appeals: somebody asks that a person take an automated decision up again, and a named person answers."""
