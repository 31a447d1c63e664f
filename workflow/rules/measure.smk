"""Tidy tables of an experiment's trained networks: a row per run, and a row per run and feature."""


rule measure:
    input:
        rules.export.output,
    output:
        runs="results/metrics/{experiment}.runs.csv",
        features="results/metrics/{experiment}.features.csv",
    log:
        "results/logs/measure/{experiment}.log",
    benchmark:
        "results/benchmarks/measure/{experiment}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    params:
        **STAGES["measure"].signature(),
    message:
        "measure {wildcards.experiment}"
    shell:
        "python -m superposition measure {wildcards.experiment}"
        " --code {params.code} > {log} 2>&1"
