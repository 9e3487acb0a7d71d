"""Grading: a jail runs the submission, a judge outside it decides and believes nothing in it."""
