"""One file with sources and results: snakemake --cores all archive."""


rule archive:
    input:
        rules.all.input,
    log:
        "results/logs/archive.log",
    conda:
        "../../environment.yml"
    params:
        config=laid_over(workflow),
        built=plan.identity(),
    message:
        "write the archive"
    shell:
        "python -m superposition archive --built {params.built} --config {params.config:q}"
        " 2>&1 | tee {log}"
