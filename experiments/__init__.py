"""The documents' experiments, each one file: data, optimizers and protocol in, a tidy table out."""
