"""How much of a campaign to run: a slice in `make test`, all of it or a share in `make soak`."""

import os

# SHEETCRM_SOAK=1 runs everything, 0.1 a tenth of it; without it only the slices are run
SOAK = float(os.environ.get("SHEETCRM_SOAK") or 0)


def times(full: int, quick: int) -> int:
    """Return how often to do something, of which `full` is all and `quick` a slice."""
    return max(quick, round(full * SOAK))
