"""The work that lets go of personal data when its declared time is over."""
