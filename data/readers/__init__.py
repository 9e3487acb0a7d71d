"""Readers of one file format each; none trusts the file."""
