"""Validate the ro-crate-metadata.json of an archive with roc-validator, without a network.

Usage: python validate_crate.py ARCHIVE FOLDER, with a zip file or an unpacked one. What the
validator keeps goes into FOLDER. The contexts that it would fetch are in contexts/, as published
(both in the public domain, CC0): https://w3id.org/ro/crate/1.1/context and
https://w3id.org/ro/terms/workflow-run/context.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

CONTEXTS = {
    "https://w3id.org/ro/crate/1.1/context": "ro-crate-1.1.json",
    "https://w3id.org/ro/terms/workflow-run/context": "workflow-run.json",
}


def get(_: HttpRequester, url: str, **__: object) -> SimpleNamespace:
    """Answer as the server of the contexts would; nothing else is known."""
    name = CONTEXTS.get(url.rstrip("/"))
    if name is None:
        return SimpleNamespace(status_code=404, headers={}, text="")
    text = Path(__file__).with_name("contexts").joinpath(name).read_text(encoding="utf-8")
    headers = {"Content-Type": "application/ld+json"}
    return SimpleNamespace(
        status_code=200, headers=headers, text=text, json=lambda: json.loads(text)
    )


HttpRequester.get = get
settings = services.ValidationSettings(
    rocrate_uri=sys.argv[1],
    profile_identifier="workflow-run-crate-0.5",
    requirement_severity=models.Severity.RECOMMENDED,
    offline=True,
    cache_path=Path(sys.argv[2], "cache"),
)
result = services.validate(settings)
issues = [
    {
        "severity": issue.severity.name,
        "message": str(issue.message),
    }
    for issue in result.get_issues()
]
print(json.dumps(issues, indent=1))
