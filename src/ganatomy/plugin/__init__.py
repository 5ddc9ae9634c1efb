"""Settings groups, and leaves (objectives, models, data) found by name."""
