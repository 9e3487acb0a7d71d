"""One file per exercise, each with `verify(seed) -> list[Verdict]`; `proofs.run` lists them."""
