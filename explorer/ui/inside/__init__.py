"""The Inside page: what a network computes of a picture."""
