"""What all rules share: the plan of files and parameters, made once from the checked configuration."""

import sys

# This tree's package is the one that runs, installed or not.
sys.path.insert(0, f"{here}/src")

from pathlib import Path

from superposition.base.environment import ignore_others

ignore_others()  # before anything loads matplotlib

from superposition.base.errors import UserError
from superposition.figures import FORMATS
from superposition.workflow import builds, confirmation
from superposition.workflow.code_version import STAGES, figure_stage, training_stage
from superposition.workflow.configuration import hand_on, laid_over
from superposition.workflow.convergence import EVIDENCE, Trials, evidence_digest
from superposition.workflow.plan import Plan
from superposition.workflow.report_inputs import ReportInputs

try:
    builds.check_results(Path("results"))
    # In a module, Snakemake has been told of another configuration than files say.
    of_module = config if workflow.modifier.skip_configfile else None
    plan = Plan(hand_on(workflow, of_module))
    plan.check_jobs()
    evidence, confirmed = evidence_digest(), confirmation.record_digest()
    builds.prepare_environment(here / "src")
    files = (*plan.results(), "results/report.html")
    builds.join(Path.cwd(), main=workflow.is_main_process, results=files)
except UserError as error:
    sys.exit(f"error: {error}")

inputs, trials = ReportInputs(plan), Trials(plan.config)
build = builds.Build(workflow.configfiles)
# For the captions of `snakemake --report`, which see the configuration, but no more of Python; as
# parameters they would redo a figure whenever its caption is reworded.
config["figures"] = inputs.captions()
# Not `workflow.cores`, which cannot be asked where no number was given, nor what a job on a cluster sees:
# all cores of its node, which are not all its own.
cores = workflow.resource_settings.cores if workflow.is_main_process else None
# For the display.
logger.info(None, extra={"superposition_plan": plan})


def compared_families(wildcards):
    """Return the files of what is asked for; a mistake in recipes.yaml ends the build here."""
    try:
        return trials.wanted()
    except UserError as error:
        sys.exit(f"error: {error}")


def runs_that_fit(wildcards):
    """Return the files of an experiment's runs; what cannot be compared here is not trained."""
    try:
        plan.check_memory(wildcards.experiment, cores or 0)
    except UserError as error:
        sys.exit(f"error: {error}")
    return plan.runs_of(wildcards)


wildcard_constraints:
    **plan.constraints(),
