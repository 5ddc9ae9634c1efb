"""A run on disk: its folder, its checkpoints, and the run as Python sees it."""
