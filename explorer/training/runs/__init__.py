"""Runs as they are kept: the store, curves, files of recorded runs, weights to start from."""
