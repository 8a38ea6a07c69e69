"""Networks: where they come from, how they are chosen and built, their names, and what is published of them."""
