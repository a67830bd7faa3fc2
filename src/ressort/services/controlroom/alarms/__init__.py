"""Rules over what sensors say, and the alarms they raise."""
