"""What all rules share: the plan of files and parameters, made once from the checked configuration."""

import sys

# This tree's package is the one that runs, installed or not.
sys.path.insert(0, f"{workflow.basedir}/src")

from pathlib import Path

from superposition import builds
from superposition.errors import UserError
from superposition.signatures import STAGES
from superposition.telling import Telling
from superposition.workflow import Plan

try:
    builds.check_results(Path("results"))
    plan = Plan.from_mapping(config, builds.laid_over(workflow.configfiles))
except UserError as error:
    sys.exit(f"error: {error}")

telling = Telling(plan)
builds.prepare_environment(Path(workflow.basedir, "src"))
try:
    files = (*plan.results(), *plan.samples(), "results/report.html")
    builds.join(Path.cwd(), main=workflow.is_main_process, results=files)
except UserError as error:
    sys.exit(f"error: {error}")
build = builds.Build(workflow.configfiles)
# For the captions of `snakemake --report`, which see the configuration, but no more of Python; as
# parameters they would redraw a figure whenever its caption is reworded.
config["figures"] = telling.captions()
# Not `workflow.cores`, which cannot be asked where no number was given, nor what a job on a cluster sees:
# all cores of its node, which are not all its own.
cores = workflow.resource_settings.cores if workflow.is_main_process else None
logger.info(None, extra={"superposition_plan": plan.costs()})


wildcard_constraints:
    **plan.constraints(),
