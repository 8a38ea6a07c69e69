"""What runs have shown: charts, statistics, predictions, findings, the library."""
