"""The Scale page: its state, its stage, and what stands below it."""
