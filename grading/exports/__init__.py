"""Files that learning platforms import: one module a format."""
