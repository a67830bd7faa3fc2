"""One contact screen for calls, letters and the counter: what is asked, before when it is answered, what was said."""
