"""What CITATION.cff says of the package, as entities of an RO-Crate."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


class Citation:
    """What CITATION.cff says."""

    def __init__(self, folder: Path) -> None:
        """Read it from the folder of the sources."""
        self.fields: Mapping[str, Any] = yaml.safe_load(
            (folder / "CITATION.cff").read_text("utf-8")
        )

    def __getitem__(self, field: str) -> Any:
        """Return a field."""
        return self.fields[field]

    def authors(self) -> list[dict[str, Any]]:
        """Return the authors."""
        return [
            {
                "@id": f"#author-{number}",
                "@type": "Organization",
                "name": author.get("name") or f"{author['given-names']} {author['family-names']}",
            }
            for number, author in enumerate(self["authors"], 1)
        ]

    def works(self) -> list[dict[str, Any]]:
        """Return the works that are to be cited as well."""
        return [
            {"@id": work["url"], "@type": "ScholarlyArticle", "name": work["title"]}
            for work in self["references"]
        ]

    def licence(self) -> dict[str, Any]:
        """Return the licence."""
        return {
            "@id": f"https://spdx.org/licenses/{self['license']}",
            "@type": "CreativeWork",
            "name": self["license"],
            "identifier": f"https://spdx.org/licenses/{self['license']}",
            "description": f"Free use under the terms of the file LICENSE ({self['license']}).",
        }
