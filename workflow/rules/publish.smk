"""Figures, each redrawn on its own, and the verdicts on the paper's claims."""


rule plot:
    input:
        weights=plan.weights_shown,
        dictionaries=plan.dictionaries_shown,
    output:
        report(
            "results/figures/{figure}.svg",
            caption="../report/figure.rst",
            category=inputs.section,
            labels=inputs.labels,
        ),
        multiext("results/figures/{figure}", ".pdf", ".png", ".csv"),
    log:
        "results/logs/plot/{figure}.log",
    benchmark:
        "results/benchmarks/plot/{figure}.tsv"
    priority: 1000
    conda:
        "../../environment.yml"
    params:
        code=lambda wildcards: figure_stage(wildcards.figure).code(),
        libraries=lambda wildcards: figure_stage(wildcards.figure).versions(),
    message:
        "plot the figure {wildcards.figure}"
    shell:
        "python -m superposition plot {wildcards.figure} --code {params.code} > {log} 2>&1"


rule judge:
    input:
        weights=plan.weights(),
        dictionaries=plan.dictionaries(),
        # Builds with other seeds, if there are: `make confirm`.
        confirmations=confirmation.files(),
        evidence=ancient(EVIDENCE),
        confirmed=ancient(confirmation.RECORD),
    output:
        multiext("results/claims", ".json", ".numbers.csv", ".md"),
        report(
            "results/claims.csv",
            caption="../report/claims.rst",
            category="Claims",
            labels={"figure": "All claims and their verdicts"},
        ),
    log:
        "results/logs/judge.log",
    benchmark:
        "results/benchmarks/judge.tsv"
    conda:
        "../../environment.yml"
    params:
        **STAGES["judge"].signature(),
        evidence=evidence,
        confirmed=confirmed,
    message:
        "judge the claims"
    shell:
        "python -m superposition judge --code {params.code} --evidence {input.evidence:q}"
        " --confirmed {input.confirmed:q} > {log} 2>&1"


rule page:
    input:
        claims=rules.judge.output[0],
        # Which runs diverged, and are in no figure and no claim.
        runs=expand(
            "results/metrics/{experiment}.runs.csv", experiment=plan.experiments
        ),
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
        settings=inputs.settings_of(plan),
    message:
        "write the report"
    shell:
        "python -m superposition report --code {params.code} --settings {params.settings}"
        " > {log} 2>&1"


rule explorer:
    input:
        plan.weights(plan.explored),
    output:
        "results/explorer.html",
    log:
        "results/logs/explorer.log",
    conda:
        "../../environment.yml"
    params:
        **STAGES["explorer"].signature(),
        settings=plan.settings_of_explorer(),
    message:
        "write the explorer"
    shell:
        "python -m superposition explorer --code {params.code} --settings {params.settings}"
        " > {log} 2>&1"


rule figures:
    input:
        expand(
            "results/figures/{figure}.{format}",
            figure=plan.figures,
            format=FORMATS,
        ),


rule claims:
    input:
        rules.judge.output,


# The page, and every other file that a build leaves: whichever is deleted is made again.
rule report_page:
    input:
        rules.page.output,
        plan.results(),
