"""The archive in the words of RO-Crate: ro-crate-metadata.json, for catalogues and their tools.

The crate follows the profile Workflow Run Crate 0.5: sources, a configuration and results, tied
together by the run that made the one from the other. When that run took place is not said, for the
same results are to be the same archive whenever they were made.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from superposition.archive.citation import Citation
from superposition.archive.container import Content
from superposition.archive.description import CRATE, NAME, SUMS, Description
from superposition.plotting import FIGURES

_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
_CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
_WORKFLOW = "Snakefile"
_FILES = {
    "README.md": "What this is, and how to use it",
    "LICENSE": "Licence",
    "CITATION.cff": "How to cite this",
    "environment.yml": "The environment, for conda",
    "workflow/envs/requirements.lock": "The exact versions of all libraries",
    "results/report.html": "The page to read: figures, claims and settings",
    "results/claims.json": "The claims and their verdicts, with all numbers",
    "results/claims.csv": "The claims and their verdicts, as a table",
    "results/claims.md": "The claims and their verdicts, to read",
}
_FOLDERS = {
    "src/": "The Python package that does the work",
    "tests/": "Its tests",
    "workflow/": "The workflow's rules, versions and schema",
    ".snakemake/metadata/": "Snakemake's records, which tell that the results are up to date",
    "results/data/": "Statistics of the evaluation samples",
    "results/runs/": "Trained weights, a file for each training job",
    "results/weights/": "Trained weights of all runs of each model, with their losses",
    "results/dictionaries/": "Sparse autoencoders of trained models, and what they found",
    "results/metrics/": "Measures of the trained models",
    "results/figures/": "The figures",
}
_FORMATS = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".cff": "application/yaml",
    "": "text/plain",
    ".lock": "text/plain",
}
_EXTRA: dict[str, dict[str, Any]] = {
    "README.md": {"about": {"@id": "./"}},
    "results/figures/": {"exampleOfWork": {"@id": "#figures"}},
    "results/claims.json": {"exampleOfWork": {"@id": "#claims"}},
}
_BIOSCHEMAS = "https://bioschemas.org/profiles"


def crate(folder: Path, description: Description, members: Sequence[Content]) -> str:
    """Return ro-crate-metadata.json.

    Args:
        folder: The sources, for what CITATION.cff says of authors and licence.
        description: What archive.json says.
        members: The files, but for this one and the checksums.
    """
    cited = Citation(folder)
    known = {content.name: content for content in members}
    figures = {name: _caption(name) for name in known if name.startswith("results/figures/")}
    configs = {name: "The configuration" for name in description.config}
    texts = {name: text for name, text in {**_FILES, **configs, **figures}.items() if name in known}
    texts[NAME] = "Commit, configuration and what made the results, for machines"
    files = [_file(known[name], text) for name, text in texts.items()]
    files.append(
        {
            "@id": SUMS,
            "@type": "File",
            "name": "Checksums of all other files",
            "encodingFormat": "text/plain",
        }
    )
    named = [
        {"@id": name, "@type": "Dataset", "name": _FOLDERS[name], "description": _FOLDERS[name]}
        for name in folders(members)
    ]
    for part in (*files, *named):
        part |= _EXTRA.get(part["@id"], {})
        if part["@id"] == description.config[-1]:
            part["exampleOfWork"] = _to("#configuration")
    results = [name for name in _names((*files, *named)) if name.startswith("results/")]
    graph = [
        _descriptor(),
        _root(description, cited, _names((*files, *named))),
        _workflow(known[_WORKFLOW], cited),
        _run(description, cited, results),
        *_context(description, cited),
        *files,
        *named,
    ]
    return json.dumps({"@context": _CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def folders(members: Iterable[Content]) -> list[str]:
    """Return the folders that are described, of those that have members."""
    names = [member.name for member in members]
    return [folder for folder in _FOLDERS if any(name.startswith(folder) for name in names)]


def _descriptor() -> dict[str, Any]:
    profiles = ["https://w3id.org/ro/crate/1.1", list(_PROFILES)[-1]]
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": _to("./"),
        "conformsTo": _to(*profiles),
    }


def _root(description: Description, cited: Citation, parts: list[str]) -> dict[str, Any]:
    changed = (
        f" {len(description.changed)} of the sources had changes that were not committed:"
        f" {', '.join(description.changed)}."
        if description.changed
        else ""
    )
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": cited["title"],
        "description": f"{cited['abstract']} Sources are those of commit {description.commit}."
        f"{changed} All other files are what the workflow makes of them.",
        "datePublished": description.committed,
        "version": description.commit,
        "license": _to(cited.licence()["@id"]),
        "author": _to(*_names(cited.authors())),
        "publisher": _to(*_names(cited.authors())),
        "citation": _to(*_names(cited.works())),
        "conformsTo": _to(*_PROFILES),
        "mainEntity": _to(_WORKFLOW),
        "mentions": _to("#run"),
        "hasPart": _to(_WORKFLOW, *parts),
    }


def _workflow(content: Content, cited: Citation) -> dict[str, Any]:
    return _file(content, "The workflow") | {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "encodingFormat": "text/plain",
        "conformsTo": _to(f"{_BIOSCHEMAS}/ComputationalWorkflow/1.0-RELEASE"),
        "version": str(cited["version"]),
        "license": _to(cited.licence()["@id"]),
        "creator": _to(*_names(cited.authors())),
        "programmingLanguage": _to("https://w3id.org/workflowhub/workflow-ro-crate#snakemake"),
        "input": _to("#configuration"),
        "output": _to("#figures", "#claims"),
    }


def _run(description: Description, cited: Citation, results: list[str]) -> dict[str, Any]:
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "The build of the results",
        "description": f"snakemake --cores all --configfile {' '.join(description.config)}",
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": _to(_WORKFLOW),
        "agent": _to(*_names(cited.authors())),
        "object": _to(*description.config),
        "result": _to(*results),
    }


def _context(description: Description, cited: Citation) -> Iterable[dict[str, Any]]:
    """Yield what is not a file: parameters, people, works, profiles and the language."""
    parameters = {
        "#configuration": ("configuration", description.config[-1]),
        "#figures": ("figures", "results/figures/"),
        "#claims": ("claims", "results/claims.json"),
    }
    for key, (name, example) in parameters.items():
        yield {
            "@id": key,
            "@type": "FormalParameter",
            "name": name,
            "additionalType": "Dataset" if example.endswith("/") else "File",
            "conformsTo": _to(f"{_BIOSCHEMAS}/FormalParameter/1.0-RELEASE"),
            "workExample": _to(example),
        }
    yield {
        "@id": "https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "identifier": _to("https://doi.org/10.1093/bioinformatics/bts480"),
        "url": _to("https://snakemake.readthedocs.io"),
    }
    for address, name in _PROFILES.items():
        yield {
            "@id": address,
            "@type": "CreativeWork",
            "name": name,
            "version": address.rpartition("/")[2],
        }
    yield cited.licence()
    yield from cited.authors()
    yield from cited.works()


def _file(content: Content, text: str) -> dict[str, Any]:
    suffix = Path(content.name).suffix
    return {
        "@id": content.name,
        "@type": "File",
        "name": text,
        "contentSize": str(content.size),
        "sha256": content.sha256,
        "encodingFormat": _FORMATS[suffix],
    }


def _caption(name: str) -> str:
    figure = FIGURES.get(Path(name).stem)
    return figure.title if figure else "A figure"


def _names(entities: Iterable[Mapping[str, Any]]) -> list[str]:
    return [entity["@id"] for entity in entities]


def _to(*names: str) -> Any:
    """Return a reference to one entity, or a list of references."""
    references = [{"@id": name} for name in names]
    return references[0] if len(references) == 1 else references
