"""Assignments for other tools, and for teachers: nbgrader, otter-grader, the students' copies, the solutions."""
