"""Recipes compared by loss, family by family: make convergence. No part of the default build."""


rule trial:
    output:
        weights="results/convergence/{family}/{recipe}.safetensors",
        seconds="results/convergence/{family}/{recipe}.seconds",
    log:
        "results/logs/convergence/{family}/{recipe}.log",
    wildcard_constraints:
        family=r"[\w-]+",
        recipe=r"[\w.-]+",
    conda:
        "../../environment.yml"
    threads: trials.threads_of(cores)
    resources:
        mem_mb=2000,
        runtime=trials.minutes_of,
    params:
        **STAGES["train"].signature(),
        settings=trials.settings_of_trial,
    message:
        "try {wildcards.family} {wildcards.recipe}"
    shell:
        "python -m superposition trial {wildcards.family} {wildcards.recipe}"
        " --code {params.code} --settings {params.settings} --threads {threads} > {log} 2>&1"


rule compare:
    input:
        trials.trained,
    output:
        "results/convergence/{family}.json",
    log:
        "results/logs/convergence/{family}.log",
    wildcard_constraints:
        family=r"[\w-]+",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        **STAGES["compare"].signature(),
        settings=trials.settings_of_comparison,
    message:
        "compare the recipes of {wildcards.family}"
    shell:
        "python -m superposition compare {wildcards.family}"
        " --code {params.code} --settings {params.settings} > {log} 2>&1"


# A job, so that it is told of the configuration.
rule convergence:
    input:
        compared_families,
    log:
        "results/logs/convergence.log",
    conda:
        "../../environment.yml"
    message:
        "keep the evidence"
    shell:
        "python -m superposition convergence ${{FAMILY-}} 2>&1 | tee {log}"
