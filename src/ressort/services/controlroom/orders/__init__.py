"""Work orders: what field crews are asked to do, and what they did."""
