"""How fast the explorer is beside what others use for the same job: as ratios, measured in one run."""
