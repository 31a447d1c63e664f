"""Configuration files as Snakemake reads them: by our own reader, which runs nothing.

Snakemake evaluates Python in a configuration file that says `__use_yte__`, and does so before it
looks at the Snakefile, where it is too late to refuse. It loads this plugin earlier still. There is
no hook for how files are read, so its one function that does is replaced; wherever a file is named
(the command line, a profile, the Snakefile), it passes through that. Only in a copy of this
workflow: elsewhere other workflows may run beside the package, and have files of their own kind.
"""

import sys
from pathlib import Path
from typing import Any

from snakemake.common import configfile  # type: ignore[import-untyped]

_WORKFLOW = Path(__file__).resolve().parents[2]


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
    if (_WORKFLOW / "Snakefile").is_file():
        configfile._load_configfile = _read
