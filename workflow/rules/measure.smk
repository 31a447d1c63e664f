"""Tables of trained networks: a row per run, a row per run and feature; and constructed solutions beside."""


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


# The structures that the paper names, built by hand, beside the networks that should find them.
rule constructed:
    input:
        plan.weights(plan.compared),
    output:
        "results/constructed.csv",
    log:
        "results/logs/constructed.log",
    benchmark:
        "results/benchmarks/constructed.tsv"
    conda:
        "../../environment.yml"
    params:
        **STAGES["measure"].signature(),
    message:
        "compare with constructed solutions"
    shell:
        "python -m superposition constructed --code {params.code} > {log} 2>&1"
