"""Two networks aligned: what was added, taken out and changed, and what that costs."""
