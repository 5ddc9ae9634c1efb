"""For teachers: grading a class, its pages, and exporting assignments to other tools."""
