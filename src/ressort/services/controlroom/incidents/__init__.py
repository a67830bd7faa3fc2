"""Incidents, their log and tasks, and the playbooks that run them."""
