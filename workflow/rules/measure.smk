"""Tidy tables of what the trained models do: a row per run, and a row per run and feature."""


rule measure:
    input:
        rules.export.output,
    output:
        runs="results/metrics/{experiment}/{model}_{density}.runs.csv",
        features="results/metrics/{experiment}/{model}_{density}.features.csv",
    log:
        "results/logs/measure/{experiment}/{model}_{density}.log",
    benchmark:
        "results/benchmarks/measure/{experiment}/{model}_{density}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    params:
        **STAGES["measure"].signature(),
    message:
        "measure {wildcards.experiment} {wildcards.model} {wildcards.density}"
    shell:
        "python -m superposition measure {input} --code {params.code} --runs {output.runs}"
        " --features {output.features} > {log} 2>&1"
