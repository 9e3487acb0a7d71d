"""Texts in other languages, from Babel catalogues; imports no room, and computes no result."""
