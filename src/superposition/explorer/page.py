"""The page itself: scenes with what was found, their data, one style and one script."""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup
from matplotlib.colors import to_hex, to_rgb

from superposition.base.version import VERSION
from superposition.explorer import SCENES, Scene
from superposition.explorer.packing import Packed
from superposition.figures import FIGURES, FOLDER, style
from superposition.measure.network import TrainedCells

_WEB = Path(__file__).parent / "web"
_SCRIPTS = (
    *("algebra", "training", "unpack", "colour", "state", "elements", "plot"),
    *(scene.name for scene in SCENES),
    "main",
)
"""What runs in the page, in this order: what a script uses stands before it."""
_WORKER = ("training", "worker")
"""What runs beside the page, and trains."""
_COLOURS = 64
"""Of each colour map."""


def page(cells: TrainedCells, figures: Collection[str] = ()) -> str:
    """The page's text, HTML, whose links are relative to the results.

    Args:
        cells: Those of `EXPERIMENTS` that there are; a scene without any says so.
        figures: The figures that stand beside the page, to which it has links.
    """
    scenes = [_Shown(scene, cells, figures) for scene in SCENES]
    data = {one.scene.name: one.packed.data for one in scenes if one.packed}
    script = f'"use strict";\n(() => {{\n{_joined(_SCRIPTS)}}})();\n'
    sheet = "".join(
        (folder / name).read_text(encoding="utf-8")
        for folder, name in ((FOLDER, "page.css"), (_WEB, "style.css"))
    )
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_WEB),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["typeset"] = _typeset
    return environment.get_template("page.html").render(
        scenes=scenes,
        data={name: _json(values) for name, values in data.items()},
        look=_json(_look()),
        script=Markup(script),
        worker=Markup(f'"use strict";\n{_joined(_WORKER)}'),
        sheet=Markup(sheet),
        script_hash=_hash(script),
        sheet_hash=_hash(sheet),
        figures=FIGURES,
        version=VERSION,
    )


class _Shown:
    """A scene as the page has it."""

    def __init__(self, scene: Scene, cells: TrainedCells, figures: Collection[str]) -> None:
        """Pack what a scene shows, as far as it is there."""
        its = [cell for cell in cells if cell.experiment in scene.experiments]
        pack = import_module(f"superposition.explorer.scenes.{scene.name}").pack
        self.scene = scene
        self.packed: Packed | None = pack(its)
        self.figures = [name for name in scene.figures if name in figures]
        claims = (claim for name in self.figures for claim in FIGURES[name].claims)
        self.claims = list(dict.fromkeys(claims))


def _typeset(text: str) -> str:
    """Text with curved apostrophes, and equations that no line breaks."""
    return text.replace("'", "\u2019").replace("1 − S = ", "1\u00a0−\u00a0S\u00a0=\u00a0")


def _joined(names: tuple[str, ...]) -> str:
    return "\n".join((_WEB / f"{name}.js").read_text(encoding="utf-8") for name in names)


def _json(values: Mapping[str, Any]) -> Markup:
    """JSON that cannot end the element which holds it."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(text.replace("<", "\\u003c"))


def _hash(text: str) -> str:
    """What a Content-Security-Policy allows a script or a style by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _look() -> dict[str, Any]:
    """The colours of the figures."""
    maps = {
        "signed": style.SIGNED,
        "importance": style.IMPORTANCE,
        "shared": style.SHARED,
    }
    places = np.linspace(0, 1, _COLOURS)
    phase = {
        "absent": style.PHASE_ABSENT,
        "alone": style.PHASE_ALONE,
        "sharing": style.PHASE_SHARED,
    }
    return {
        "maps": {name: [to_hex(one) for one in found(places)] for name, found in maps.items()},
        "phase": {name: [round(255 * v) for v in to_rgb(one)] for name, one in phase.items()},
        "features": style.FEATURES,
        "series": style.SERIES,
        "polytopes": dict(style.POLYTOPES),
        "alone": style.ALONE,
        "ignored": style.IGNORED,
        "monosemantic": style.MONOSEMANTIC,
        "polysemantic": style.POLYSEMANTIC,
        "mark": style.PAPER_MARK,
        "ink": style.INK,
        "faint": style.FAINT,
    }
