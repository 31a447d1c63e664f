"""Configuration files as Snakemake reads them: by our own reader, which runs nothing.

Snakemake evaluates Python in a configuration file that says `__use_yte__`, and does so before it
looks at the Snakefile, where it is too late to refuse. It loads this plugin earlier still. There is
no hook for how files are read, so its one function that does is replaced; wherever a file is named
(the command line, a profile, the Snakefile), it passes through that. Only where the package is that
of a copy of this workflow, or the workflow's profile is in use: others may run beside an installed
package, and have files of their own kind.
"""

import sys
from pathlib import Path
from typing import Any

from snakemake.common import configfile  # type: ignore[import-untyped]

IN_WORKFLOW = (Path(__file__).resolve().parents[2] / "Snakefile").is_file()
"""Whether this is the package of a copy of the workflow."""


def _read(file: Any, filetype: str = "Config") -> Any:
    """The settings in a file; what is wrong with it ends Snakemake, in our words."""
    # Here, as they take half a second to load, and jobs on clusters read no configuration.
    from superposition.config.load import read
    from superposition.config.messages import ConfigError

    try:
        content = read(file)
    except ConfigError as error:
        sys.exit(f"error: {error}")
    # Of this key Snakemake has a use of its own, and may stumble over it before we refuse it.
    content.pop("pathvars", None)
    return content


def read_strictly() -> None:
    """Have Snakemake read configuration files so from now on."""
    if not hasattr(configfile, "_load_configfile"):
        sys.exit("error: This Snakemake reads configurations otherwise than 9.27, which is pinned.")
    configfile._load_configfile = _read
