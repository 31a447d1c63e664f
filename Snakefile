"""Toy Models of Superposition: from config.yaml to weights, metrics, figures and judged claims."""

from snakemake.utils import min_version

min_version("9.27")


configfile: "config.yaml"


report: "workflow/report/workflow.rst"


# On a cluster, these are done where Snakemake runs: half a minute each at most, and what people wait for.
localrules:
    all,
    measure,
    plot,
    judge,
    page,
    archive,


# On a node, Snakemake is there already. Not handed on, jobs do not start it anew, one for each of a group.
if not workflow.is_main_process:

    localrules:
        data,
        train,
        export,
        dictionaries,


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/measure.smk"
include: "workflow/rules/dictionaries.smk"
include: "workflow/rules/publish.smk"


rule all:
    default_target: True
    input:
        rules.report_page.input,


onstart:
    builds.lift_rate_limit(workflow.scheduler)


onsuccess:
    words = build.closing_words(Path(rules.judge.output[0]))
    logger.info(words, extra={"superposition_result": words})


include: "workflow/rules/archive.smk"
