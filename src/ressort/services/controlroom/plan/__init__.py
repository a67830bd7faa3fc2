"""The municipal safeguard plan's lists: whom to call, what there is, where to gather."""
