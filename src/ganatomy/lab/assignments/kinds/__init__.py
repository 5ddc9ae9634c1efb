"""Kinds of mistakes: what wrong fillings of many blanks have in common, named where none of a blank's known mistakes fits."""
