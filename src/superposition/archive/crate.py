"""The archive in the words of RO-Crate: ro-crate-metadata.json, for catalogues and their tools.

The crate follows the profile Workflow Run Crate 0.5: sources, a configuration and results, tied
together by the run that made the one from the other. When that run took place is not said, for the
same results are to be the same archive whenever they were made. What every archive says of its
parts is in crate.json; the rest is filled in here.
"""

import json
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

import yaml

from superposition.archive.layout import SUMS, Description
from superposition.base.files import read_bytes
from superposition.figures import FIGURES

_Entity: TypeAlias = dict[str, Any]

_FIGURES, _WEIGHTS = "results/figures/", "results/weights/"
_FORMATS = {
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".csv": "text/csv",
}


def crate(description: Description, names: Collection[str]) -> bytes:
    """The content of ro-crate-metadata.json, with what CITATION.cff says of authors and licence.

    `names` are the files of the archive, but for this one and the checksums.
    """
    content = json.loads(Path(__file__).with_suffix(".json").read_bytes())
    graph: dict[str, _Entity] = {
        entity["@id"]: entity
        for entity in content["@graph"]
        if "File" not in entity["@type"] or entity["@id"] in {*names, SUMS}
    }
    for name in sorted(names):
        path = PurePosixPath(name)
        if name.startswith(_FIGURES):
            figure = _file(name, FIGURES[path.stem].title, _FORMATS[path.suffix])
            graph[name] = figure | {"exampleOfWork": _to("#figures")}
        elif name.startswith(_WEIGHTS):
            title = f"Trained weights of the experiment {path.stem}"
            graph[name] = _file(name, title, "application/octet-stream")
    for name in description.config:
        graph[name] = _file(name, "The configuration", "application/yaml")
    graph[description.config[-1]]["exampleOfWork"] = _to("#configuration")
    graph["#configuration"]["workExample"] = _to(description.config[-1])
    parts = [name for name, entity in graph.items() if "File" in entity["@type"]]
    graph["#figures"]["workExample"] = _to(*(n for n in parts if n.startswith(_FIGURES)))
    graph["./"]["hasPart"] = _to(*parts)
    graph["#run"] |= {
        "description": f"snakemake --cores all --configfile {' '.join(description.config)}",
        "object": _to(*description.config),
        "result": _to(*(n for n in parts if n.startswith("results/"))),
    }
    _cite(graph, yaml.safe_load(read_bytes(Path("CITATION.cff"))), description)
    content["@graph"] = list(graph.values())
    return json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"


def _cite(graph: dict[str, _Entity], cited: _Entity, description: Description) -> None:
    """Fill in what CITATION.cff says, and which commit this is."""
    changed = ", ".join(description.changed)
    mark = f" These had changes that were not committed: {changed}." if changed else ""
    graph["./"] |= {
        "name": cited["title"],
        "description": f"{cited['abstract']} Sources are those of commit {description.commit}."
        f"{mark} All other files are what the workflow makes of them.",
        "datePublished": description.committed,
        "version": description.commit,
        "citation": _to(*(work["url"] for work in cited["references"])),
    }
    graph["Snakefile"]["version"] = str(cited["version"])
    graph["#authors"]["name"] = ", ".join(author["name"] for author in cited["authors"])
    graph["#licence"] |= {
        "name": cited["license"],
        "identifier": f"https://spdx.org/licenses/{cited['license']}",
        "description": f"Free use under the terms of the file LICENSE ({cited['license']}).",
    }
    for work in cited["references"]:
        article = {"@id": work["url"], "@type": "ScholarlyArticle", "name": work["title"]}
        graph[work["url"]] = article


def _file(name: str, title: str, format: str) -> _Entity:
    return {"@id": name, "@type": "File", "name": title, "encodingFormat": format}


def _to(*names: str) -> Any:
    """A reference to one entity, or a list of references."""
    references = [{"@id": name} for name in names]
    return references[0] if len(references) == 1 else references
