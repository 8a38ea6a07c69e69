"""Every ImageNet result as an entry with its sources: filters, Pareto front, chart, table, history."""
