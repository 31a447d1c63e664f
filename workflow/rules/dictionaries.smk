"""Sparse autoencoders on the hidden activations of trained models, to find their features again."""


rule dictionaries:
    input:
        rules.export.output,
    output:
        dictionaries="results/dictionaries/{experiment}/{model}_{density}.safetensors",
        table="results/dictionaries/{experiment}/{model}_{density}.csv",
    log:
        "results/logs/dictionaries/{experiment}/{model}_{density}.log",
    benchmark:
        "results/benchmarks/dictionaries/{experiment}/{model}_{density}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **STAGES["dictionaries"].signature(),
        settings=plan.dictionary_settings,
    message:
        "find the features of {wildcards.experiment} {wildcards.model} {wildcards.density}"
    shell:
        "python -m superposition dictionaries {input} --code {params.code}"
        " --settings {params.settings:q} --output {output.dictionaries} --table {output.table}"
        " > {log} 2>&1"
