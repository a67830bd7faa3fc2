"""On-demand transport: from booking to arrival."""
