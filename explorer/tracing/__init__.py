"""From an `nn.Module` to its `Graph`: one run on shapes alone, every operation in it written down."""
