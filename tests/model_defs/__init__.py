"""Tests of `model_defs`."""
