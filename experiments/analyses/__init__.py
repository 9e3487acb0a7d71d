"""The analyses of data, functions and finished runs, each one file with `analyse`."""
