"""Training, the runs of a cell in one or more jobs; and gathering them again."""


rule train:
    output:
        "results/runs/{experiment}/{model}_{density}/{first}-{last}.safetensors",
    log:
        "results/logs/train/{experiment}/{model}_{density}/{first}-{last}.log",
    benchmark:
        "results/benchmarks/train/{experiment}/{model}_{density}/{first}-{last}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    threads: plan.threads_of(cores)
    # The engine is no parameter: the compiled ones give the same bytes. `code` tells torch from them.
    resources:
        engine=plan.engine,
        gpu=plan.gpus_of_training,
        mem_mb=1000,
        runtime=plan.minutes_of_training,
    params:
        **plan.training_stage().signature(),
        settings=plan.training_settings,
    message:
        "train {wildcards.experiment} {wildcards.model} {wildcards.density}"
        " runs {wildcards.first}–{wildcards.last}"
    shell:
        "python -m superposition train --code {params.code} --settings {params.settings:q}"
        " --runs {wildcards.first}-{wildcards.last} --threads {threads} --engine {resources.engine}"
        " --output {output} > {log} 2>&1"


rule export:
    input:
        runs=plan.runs_of,
        sample=rules.data.output.sample,
    output:
        "results/weights/{experiment}/{model}_{density}.safetensors",
    log:
        "results/logs/export/{experiment}/{model}_{density}.log",
    benchmark:
        "results/benchmarks/export/{experiment}/{model}_{density}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    # The engine because jobs that go to a cluster together must agree in every word among these.
    resources:
        engine=plan.engine,
        mem_mb=2000,
        runtime=5,
    params:
        **STAGES["export"].signature(),
        settings=plan.training_settings,
    message:
        "gather {wildcards.experiment} {wildcards.model} {wildcards.density}"
    shell:
        "python -m superposition export {input.runs} --code {params.code}"
        " --settings {params.settings:q} --sample {input.sample}"
        " --output {output} > {log} 2>&1"
