"""Tidy tables of an experiment's trained models: a row per run, and a row per run and feature."""


rule measure:
    input:
        plan.weights_in,
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
        "python -m superposition measure {input} --code {params.code} --runs {output.runs}"
        " --features {output.features} > {log} 2>&1"
