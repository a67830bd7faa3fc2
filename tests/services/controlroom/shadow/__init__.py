"""Shadow: proposals, what people do, and who lets them act."""
