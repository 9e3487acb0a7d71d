"""What the tests of this folder share: the verdicts, verified once."""

import pytest

from proofs.run import verify_all
from proofs.verdict import Verdict


@pytest.fixture(scope="session")
def sound() -> dict[str, Verdict]:
    """Every verdict with seed 0, by its id."""
    return {verdict.id: verdict for verdict in verify_all(0)}
