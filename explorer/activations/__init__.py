"""What a network computes of one picture: the output of every operation, and how it is shown."""
