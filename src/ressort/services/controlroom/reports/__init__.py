"""What citizens report, from the phone to the repair, and Open311."""
