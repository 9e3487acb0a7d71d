"""The experiments that train, each one file: DATASET, PROTOCOL and `run`."""
