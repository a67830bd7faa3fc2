"""The installation itself: whose it is, how it looks, what it offers to the public, and whether it is set up."""
