"""What became of a claim, with the numbers that it was judged by: what claims.json holds."""

from collections.abc import Mapping

from superposition.claims.bounds import Source
from superposition.claims.claim import Origin, Outcome, Reading, goes_beyond
from superposition.config.settings import Frozen

NOT_COMPUTED = "not computed in this build"
"""Begins what stands in place of an explanation whose networks are not there."""
Plain = tuple[float | None, ...]
"""Values as JSON can hold them."""


class CheckResult(Frozen):
    """One quantity as measured, a value for each of the claim's cells, or one about them all.

    Values that are not numbers are null. After each kind of values stands whether they are within
    the bounds, of which `source` says where they come from and `reason` why they are these.
    """

    quantity: str
    source: Source
    reason: str
    low: Plain
    """Lower bounds; null for none."""
    high: Plain
    """Upper bounds; null for none."""
    position: float | None = None
    """Where the paper has the boundary that is measured, if one is."""
    measured: Plain
    """On what the claim is judged on."""
    within: tuple[bool, ...]
    interval: tuple[Plain, ...] = ()
    """Between which values 95 % of builds with other runs lie, for each; nothing where runs cannot
    be drawn again."""
    other: Plain
    """By the other reading: medians over all runs if judged on the lowest loss, or vice versa; the
    same if judged on all runs together."""
    other_within: tuple[bool, ...]
    control: Plain
    """On the control's counterparts of what the claim is judged on."""
    control_within: tuple[bool, ...]
    runs_within: tuple[int, ...]
    """How many runs are."""
    explanations: tuple[str, ...] = ()
    """What experiments showed about the departures that there are."""

    @property
    def decides(self) -> bool:
        """Whether it has bounds; else it is reported alone."""
        return any(bound is not None for bound in (*self.low, *self.high))


class Verdict(Frozen):
    """What became of one claim; `id` to `changed` are the claim's."""

    id: str
    section: str
    anchor: str
    statement: str
    origin: Origin = "paper"
    changed: str = ""
    judged_on: Reading
    """What stands for all runs: the lowest loss, the typical run (medians), or all together."""
    judged_because: str
    """Why."""
    outcome: Outcome
    """replicates, in part, deviates, unstable, derivation, void or not tested."""
    by_seed: Mapping[int, Outcome] = {}
    """What became of it in builds with several seeds, this one's among them, if there are."""
    reason_by_seed: Mapping[int, str] = {}
    """If that differs, what was outside its bounds with each."""
    share: float | None = None
    """The part of builds with other runs, drawn from these, in which the outcome is the same; null
    where runs cannot be drawn again."""
    reason: str = ""
    """Why it is not tested, or what is outside its bounds."""
    cells: tuple[str, ...] = ()
    """The cells it was judged on, as `model at 1 − S = density`."""
    checks: tuple[CheckResult, ...] = ()
    """The numbers that decide it."""
    runs: int = 0
    """Runs of each cell; 0 if they are not judged one by one."""
    runs_held: int = 0
    """Runs in which all checks hold together, over all cells."""
    control: str = ""
    """What the control is."""
    control_fits: bool = False
    """Whether the control, read the same way, fits the claim as well, which makes it void."""
    control_held: int = 0
    """Runs whose control fits; by chance a few may."""

    @property
    def follow_up(self) -> bool:
        """Whether the claim goes beyond the paper."""
        return goes_beyond(self.id)
