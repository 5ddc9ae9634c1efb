"""A student's hand-in: results, code and answers of the three assignments in one report."""
