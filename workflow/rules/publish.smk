"""Figures, each redrawn on its own, and the verdicts on the paper's claims."""


rule plot:
    input:
        plan.shown_in,
    output:
        multiext("results/figures/{figure}", ".svg", ".pdf", ".png"),
    log:
        "results/logs/plot/{figure}.log",
    benchmark:
        "results/benchmarks/plot/{figure}.tsv"
    priority: 1000
    conda:
        "../../environment.yml"
    params:
        code=plan.figure_code,
        libraries=plan.figure_libraries,
    message:
        "draw the figure {wildcards.figure}"
    shell:
        "python -m superposition plot {wildcards.figure} --code {params.code} --weights {input}"
        " --folder results/figures > {log} 2>&1"


rule judge:
    input:
        plan.weights(),
    output:
        multiext("results/claims", ".json", ".csv", ".md"),
    log:
        "results/logs/judge.log",
    benchmark:
        "results/benchmarks/judge.tsv"
    conda:
        "../../environment.yml"
    params:
        **STAGES["judge"].signature(),
    message:
        "judge the claims"
    shell:
        "python -m superposition judge --code {params.code} --weights {input}"
        " --folder results > {log} 2>&1"


rule figures:
    input:
        expand(
            "results/figures/{figure}.{format}",
            figure=plan.figures,
            format=["svg", "pdf", "png"],
        ),


rule claims:
    input:
        rules.judge.output,
