"""A checker for written proofs, step by step.

A proof is a small YAML file (see `proofs/written/`): what is `given`, named hypotheses (`assume`),
abbreviations (`let`), the statement to `prove`, and `steps`. Every step is checked on instances
that satisfy the hypotheses; `proofs.steps.language` says what an expression may contain.

`reading` turns a file into a proof, `language` parses its expressions, `values` and `evaluate`
give them a meaning in ball arithmetic, `givens` draws instances, `checking` judges the steps.
Students' files are hostile input: nothing is ever executed, and size and work are bounded.
"""
