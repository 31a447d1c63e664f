"""Run the command line: python -m superposition."""

import gc
import sys

from superposition.cli import main

# Loading libraries makes many objects and hardly any garbage. Looking for garbage among them again
# and again, as Python does, takes about a tenth of a short job.
gc.set_threshold(1_000_000)

sys.exit(main())
