"""A folder of results small enough to be made by hand, for tests of what reads results."""

from pathlib import Path

from superposition.base.sealed import seal_figure
from superposition.claims import Outcome, to_json
from superposition.claims.verdict import CheckResult, Verdict
from superposition.config.load import load
from superposition.figures import FIGURES
from superposition.workflow.plan import Plan
from superposition.workflow.report_inputs import ReportInputs

ROOT = Path(__file__).resolve().parents[1]
PLAN = Plan(load(ROOT / "config.yaml", ROOT / "tests/smoke.yaml"))
SETTINGS = ReportInputs(PLAN).settings()

# Two plots of this have the same ids, as matplotlib's may.
SVG = (ROOT / "tests/small_results.svg").read_text(encoding="utf-8")
# One red pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def verdict(name: str, outcome: Outcome, **given) -> Verdict:
    """A verdict that looks like one of the real ones."""
    tested = outcome is not Outcome.NOT_TESTED
    fits = outcome is not Outcome.DEVIATES
    numbers = {
        **{"low": (0.9, 0.9), "high": (1.1, None), "measured": (1.0, 1.0 if fits else 0.5)},
        **{"within": (True, fits), "other": (1.0, None), "other_within": (True, True)},
        **{"control": (3.0, 0.0), "control_within": (False, False), "runs_within": (3, 2)},
    }
    check = CheckResult(
        quantity="largest ‖W_i‖",
        source="ours",
        reason="the paper's figure says as much",
        **numbers,
        explanations=() if fits else ("It's noise: I_i = 0.9^i <b>.",),
    )
    plain = {
        **{"id": name, "section": "Introduction", "anchor": "", "outcome": outcome},
        **{"statement": f"What {name} claims of W_i & b.", "judged_on": "lowest loss"},
        **{"judged_because": "The paper speaks of the solution.", "control": "a random start"},
        **{"cells": ("relu at 1 − S = 1", "relu at 1 − S = 0.1"), "runs": 3, "runs_held": 2},
        **{"checks": (check,) if tested else (), "reason": "" if fits and tested else "outside"},
    }
    return Verdict(**{**plain, **given})


VERDICTS = [
    verdict("C1", Outcome.REPLICATES),
    verdict("C2", Outcome.DEVIATES),
    verdict("C3", Outcome.VOID, control_fits=True),
    verdict("C4", Outcome.NOT_TESTED, section="Demonstrating Superposition", anchor="#demo"),
    verdict("X1", Outcome.REPLICATES, section="A Section of Its Own", anchor="#own", runs_held=1),
    verdict("X2", Outcome.IN_PART, section="A Section of Its Own", anchor="#own", share=0.75),
    verdict("X3", Outcome.UNSTABLE, by_seed={0: "replicates", 1: "deviates", 2: "deviates"}),
    verdict("X4", Outcome.DERIVATION, origin="derivation"),
    verdict("E1", Outcome.REPLICATES, section="A Section of Its Own", anchor="#own", origin="ours"),
]


def make(folder: Path) -> Path:
    """Write claims and drawings, and the times of two jobs, into a folder."""
    (folder / "claims.json").write_text(to_json(VERDICTS), encoding="utf-8")
    for file in ("claims.csv", "claims.numbers.csv", "claims.md"):
        (folder / file).write_text("")
    (folder / "figures").mkdir()
    for name in FIGURES:
        (folder / f"figures/{name}.svg").write_bytes(seal_figure(name, SVG.encode(), PNG, {}))
        (folder / f"figures/{name}.png").write_bytes(PNG)
        (folder / f"figures/{name}.pdf").write_bytes(b"%PDF")
        (folder / f"figures/{name}.csv").write_text("")
    times = folder / "benchmarks/plot"
    times.mkdir(parents=True)
    (times / "intro.tsv").write_text("s\tmax_rss\tcpu_time\n3.5\t100.2\t2.0\n")
    (folder / "benchmarks/judge.tsv").write_text("s\tmax_rss\tcpu_time\n0.1\tNA\tNA\n")
    return folder
