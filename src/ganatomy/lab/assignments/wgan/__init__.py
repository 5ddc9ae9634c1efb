"""What a student fills in: an assignment a folder."""
