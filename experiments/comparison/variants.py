"""The names of variants in the run tables of a comparison."""

CHOSEN, TUNED = "chosen rate", "tuned"
"""Variants of what was retrained: with the best rate alone, and with all hyper-parameters tuned."""

RATE_TRIAL, TUNING_TRIAL = "search", "tuning"
"""First words of the variants of the two searches' trials."""
