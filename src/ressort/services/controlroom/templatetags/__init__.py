"""Words that the templates of the control room may use."""
