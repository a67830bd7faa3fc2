"""Tables of the control room, by part."""

