"""The evaluation sample of each experiment and density, shared by its models and their runs."""


rule data:
    output:
        sample="results/data/{experiment}/{density}.safetensors",
        table="results/data/{experiment}/{density}.csv",
    log:
        "results/logs/data/{experiment}/{density}.log",
    benchmark:
        "results/benchmarks/data/{experiment}/{density}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    # The engine because jobs that go to a cluster together must agree in every word among these.
    resources:
        engine=plan.engine,
        mem_mb=1000,
        runtime=5,
    params:
        **STAGES["data"].signature(),
        settings=plan.sample_settings,
    message:
        "draw the sample {wildcards.experiment} {wildcards.density}"
    shell:
        "python -m superposition data --code {params.code} --settings {params.settings:q}"
        " --output {output.sample} --table {output.table} > {log} 2>&1"
