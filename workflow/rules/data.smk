"""What the samples of each experiment hold, at each density, beside what its settings promise."""


rule data:
    output:
        statistics="results/data/{experiment}.csv",
        sample="results/data/{experiment}.sample.csv",
    log:
        "results/logs/data/{experiment}.log",
    benchmark:
        "results/benchmarks/data/{experiment}.tsv"
    priority: plan.urgency
    conda:
        "../../environment.yml"
    params:
        **STAGES["data"].signature(),
        settings=plan.settings_of_data,
    message:
        "sample {wildcards.experiment}"
    shell:
        "python -m superposition data {wildcards.experiment}"
        " --code {params.code} --settings {params.settings} > {log} 2>&1"
