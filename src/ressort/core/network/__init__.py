"""Road networks: versions, routing, closures, streets and addresses."""
