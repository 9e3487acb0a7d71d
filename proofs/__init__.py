"""Proofs: every exercise and statement of the documents, verified to the strength it allows."""
