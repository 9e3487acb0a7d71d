"""Reads result files and renders them: `numbers.json`, the figures, one page, the same typeset.

Nothing here computes a result: a number on the page is in `numbers.json`, and a number in
`numbers.json` is read from, or summarises over seeds, what a result file holds.
"""
