"""The first run: from an empty data folder to the first trip, in steps that can be left and resumed."""
