"""Equipment of the street: what it can do, what it says, and the commands it obeys."""
