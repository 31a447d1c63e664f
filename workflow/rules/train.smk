"""Training: the runs of each group of cells, in one job or more."""


rule train:
    input:
        plan.start_of,
    output:
        "results/runs/{experiment}/{group}/{first}-{last}.safetensors",
    log:
        "results/logs/train/{experiment}/{group}/{first}-{last}.log",
    benchmark:
        "results/benchmarks/train/{experiment}/{group}/{first}-{last}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    threads: plan.threads_of(cores)
    # The engine is no parameter: the compiled ones give the same bytes. `code` tells torch from them.
    resources:
        engine=plan.engine,
        gpu=plan.gpus_of_training,
        mem_mb=plan.memory_of_training,
        runtime=plan.minutes_of_training,
    params:
        **training_stage(plan.engine).signature(),
        settings=plan.settings_of_training,
    message:
        "train {wildcards.experiment} {wildcards.group} runs {wildcards.first}–{wildcards.last}"
    shell:
        "python -m superposition train {wildcards.experiment}/{wildcards.group}"
        " --code {params.code} --settings {params.settings}"
        " --runs {wildcards.first}-{wildcards.last} --threads {threads} --engine {resources.engine}"
        " > {log} 2>&1"
