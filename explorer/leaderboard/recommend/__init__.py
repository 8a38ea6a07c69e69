"""Which network to use: requirements, ranking, the reasons, and which requirement to relax."""
