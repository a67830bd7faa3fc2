"""Paper bundles: a situation prints itself, work goes on without electricity, and is typed back once."""
