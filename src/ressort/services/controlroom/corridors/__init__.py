"""Green corridors: junctions and posts that open before a rescue vehicle and are given back behind it."""
