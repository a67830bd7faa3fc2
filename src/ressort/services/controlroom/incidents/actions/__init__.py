"""What people do with incidents, playbooks and situations."""
