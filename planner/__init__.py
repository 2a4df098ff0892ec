"""DE capacity planner. The version stands here, and what NumPy must find when it is first imported."""

import os

__version__ = "0.5.5"

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Its threads wait by turning in circles, beside those by which the engine works already: minutes where seconds do."""
