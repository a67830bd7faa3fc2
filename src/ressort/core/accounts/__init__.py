"""People, organisations, roles and the policy table."""
