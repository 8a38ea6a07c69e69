"""Who trains when: runs on worker processes that outlive pages, tabs and workers."""
