"""What people do about duty: one verb, one transaction, one event."""
