"""Compares rules fairly: equal searches, fresh seeds, paired tests, profiles."""
