"""Figures, each redrawn on its own, and the verdicts on the paper's claims."""


rule plot:
    input:
        plan.shown_in,
    output:
        report(
            "results/figures/{figure}.svg",
            caption="../report/figure.rst",
            category=telling.section,
            labels=telling.labels,
        ),
        multiext("results/figures/{figure}", ".pdf", ".png"),
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
        weights=plan.weights(),
        dictionaries=plan.dictionaries(),
    output:
        multiext("results/claims", ".json", ".md"),
        report(
            "results/claims.csv",
            caption="../report/claims.rst",
            category="Claims",
            labels={"figure": "All claims, with all their numbers"},
        ),
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
        "python -m superposition judge --code {params.code} --weights {input.weights}"
        " --dictionaries {input.dictionaries} --folder results > {log} 2>&1"


rule page:
    input:
        claims=rules.judge.output[0],
        figures=expand(
            "results/figures/{figure}.{format}",
            figure=plan.figures,
            format=["svg", "png"],
        ),
    output:
        "results/report.html",
    log:
        "results/logs/report.log",
    conda:
        "../../environment.yml"
    params:
        **STAGES["report"].signature(),
        settings=telling.settings(),
    message:
        "write the page to read"
    shell:
        "python -m superposition report --code {params.code} --settings {params.settings:q}"
        " --results results --output {output} > {log} 2>&1"


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


# The page, and every other file that a build leaves: whichever is deleted is made again. Samples are
# drawn when something needs them: an unpacked archive has none, and is up to date.
rule report_page:
    input:
        rules.page.output,
        plan.results(),
