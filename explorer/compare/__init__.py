"""The field: entries and their figures, what differs between two networks, speed, and what follows from them."""
