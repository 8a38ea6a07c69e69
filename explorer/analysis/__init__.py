"""What a graph costs: parameters, MACs, memory, depth, receptive field."""
