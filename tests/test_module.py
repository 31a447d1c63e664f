"""The workflow as a module of another one, as snakedeploy writes it."""

import subprocess
import sys
from pathlib import Path

import yaml
from processes import run

ROOT = Path(__file__).resolve().parents[1]
DEPLOYED = """
configfile: "config/config.yaml"

module superposition:
    snakefile: "{root}/Snakefile"
    config: config

use rule * from superposition
"""


def test_another_workflow_builds_with_its_own_settings(tmp_path):
    """Which are laid over ours; snakedeploy copies those in config/."""
    for name in ("workflow", "config"):
        (tmp_path / name).mkdir()
    (tmp_path / "workflow/Snakefile").write_text(DEPLOYED.format(root=ROOT))
    settings = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    settings |= {"only": ["intro"], "experiments": {"intro": {"feature_probability": [0.5]}}}
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump(settings))
    command = ("-m", "snakemake", "--cores", "1", "--quiet", "all")
    file = "results/data/intro.csv"
    options = {"cwd": tmp_path, "stderr": subprocess.STDOUT}
    done = run(sys.executable, *command, "--", file, variables={"PYTHONPATH": ""}, **options)
    assert done.returncode == 0, done.stdout
    densities = {line.split(",")[0] for line in (tmp_path / file).read_text().splitlines()[1:]}
    assert densities == {"p0.5"}
    # All else is planned as well: of the module, the first rule is the default.
    assert run(sys.executable, *command, "--dry-run", **options).returncode == 0
