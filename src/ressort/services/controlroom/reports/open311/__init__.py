"""Open311 GeoReport v2: reports read and sent by programs that have never heard of us."""
