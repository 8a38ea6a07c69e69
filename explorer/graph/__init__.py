"""A network as values that anybody may read, without torch: the computation graph, its modules nested and folded."""
