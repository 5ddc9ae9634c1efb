"""The lab report's losses, to the letter: kept because they teach."""
