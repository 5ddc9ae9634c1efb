"""Studies: arms x seeds x budgets, trained as ordinary runs, judged by statistics over seeds."""
