"""The weights of each experiment, all runs compared; and their dictionaries."""


rule export:
    input:
        runs_that_fit,
        plan.start_of,
    output:
        "results/weights/{experiment}.safetensors",
    log:
        "results/logs/export/{experiment}.log",
    benchmark:
        "results/benchmarks/export/{experiment}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    params:
        **STAGES["export"].signature(),
        settings=plan.settings_of_export,
    message:
        "export {wildcards.experiment}"
    shell:
        "python -m superposition export {wildcards.experiment}"
        " --code {params.code} --settings {params.settings} > {log} 2>&1"


# Sparse autoencoders on the hidden activations of trained models, to find their features again.
rule dictionaries:
    input:
        rules.export.output,
    output:
        dictionaries="results/dictionaries/{experiment}.safetensors",
        table="results/dictionaries/{experiment}.csv",
    log:
        "results/logs/dictionaries/{experiment}.log",
    benchmark:
        "results/benchmarks/dictionaries/{experiment}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    resources:
        mem_mb=2000,
        runtime=plan.minutes_of_dictionaries,
    params:
        **STAGES["dictionaries"].signature(),
        settings=plan.settings_of_dictionaries,
    message:
        "find the features of {wildcards.experiment}"
    shell:
        "python -m superposition dictionaries {wildcards.experiment}"
        " --code {params.code} --settings {params.settings} > {log} 2>&1"
