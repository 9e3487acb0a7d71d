"""One optimizer per file; each defines `RULE`. Adding a file here adds an optimizer."""
