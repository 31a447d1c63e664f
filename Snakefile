"""Toy Models of Superposition: from config.yaml to weights, metrics, figures and judged claims."""

from snakemake.utils import min_version

min_version("9.27")


# Where this file is. As a module from elsewhere it has an address: the package has to be installed.
here = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))


# That of the folder in which results are, if it has one; else that of the workflow.
configfile: "config.yaml" if Path("config.yaml").exists() else f"{here}/config.yaml"


report: "workflow/report/workflow.rst"


# On a cluster, these are done where Snakemake runs: half a minute each at most, and what people wait for.
localrules:
    all,
    data,
    export,
    measure,
    constructed,
    plot,
    judge,
    page,
    explorer,
    archive,
    compare,
    convergence,


# On a node, Snakemake is there already. Not handed on, jobs do not start it anew, one for each of a group.
if not workflow.is_main_process:

    localrules:
        train,
        trial,
        dictionaries,


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/measure.smk"
include: "workflow/rules/publish.smk"


rule all:
    default_target: True
    input:
        rules.report_page.input,


onstart:
    try:
        builds.begin(Path.cwd())
        builds.tell_of_processor()
    except UserError as error:
        sys.exit(f"error: {error}")
    builds.lift_rate_limit(workflow.scheduler)
    jobs = [(job.rule.name, job.output) for job in workflow.dag.needrun_jobs()]
    logger.info(None, extra={"superposition_jobs": jobs})


onsuccess:
    jobs = sum(job.is_shell for job in workflow.dag.finished_jobs)
    words = build.closing_words(jobs)
    logger.info(words, extra={"superposition_result": words})


include: "workflow/rules/convergence.smk"
include: "workflow/rules/archive.smk"
