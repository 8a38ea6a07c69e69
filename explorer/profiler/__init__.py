"""Speed and memory as measured on this machine: queue, worker, store, roofline, published benchmarks."""
