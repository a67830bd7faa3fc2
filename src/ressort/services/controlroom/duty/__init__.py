"""People on duty: rosters, calls until somebody answers, who is in the room, the handover of a shift."""
