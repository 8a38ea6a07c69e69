"""Lessons are read, computed and judged as their page in the README says."""
