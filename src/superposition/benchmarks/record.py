"""What one run of the benchmark found, as it is kept in docs/benchmarks.json."""

from collections.abc import Iterable
from statistics import median

from superposition.settings import Frozen, ModelName


class Times(Frozen):
    """Turns of one contestant at one case."""

    turns: tuple[float, ...]
    """Microseconds for each model and step, in the order of measuring."""
    models: int
    """Models trained at once."""

    @property
    def median(self) -> float:
        """Return the median turn."""
        return median(self.turns)

    @property
    def least(self) -> float:
        """Return the fastest turn."""
        return min(self.turns)


class Row(Frozen):
    """One case, and what each contestant took."""

    n: int
    """Features."""
    m: int
    """Hidden dimensions."""
    model: ModelName
    """Row of the model table."""
    density: float
    """1 − S."""
    experiments: tuple[str, ...]
    """Experiments of this size."""
    times: dict[str, Times]
    """By contestant."""

    def ratio(self, one: str, other: str) -> float | None:
        """Return how many times as long as another contestant one takes; None if one is missing.

        That is the median over turns, which were taken one after the other: what else the machine
        did at a time cancels out.
        """
        if one not in self.times or other not in self.times:
            return None
        pairs = zip(self.times[one].turns, self.times[other].turns, strict=False)
        return median(a / b for a, b in pairs)


class Machine(Frozen):
    """Where it ran."""

    processor: str
    """Model of the processor."""
    cores: int
    """Cores that this process may use."""
    vectors: str
    """The widest vectors that it has."""
    system: str
    """Operating system."""
    device: str
    """A graphics processor, or nothing."""
    versions: str
    """Of Python and the libraries."""
    load: float
    """How many other processes wanted to run when it began, on average over a minute."""


class Rates(Frozen):
    """What the machine can do."""

    product_one: float
    """Matrix product on one thread, operations a second."""
    product_all: float
    """The same on all threads."""
    copy_one: float
    """Copying on one thread, bytes read and written a second."""
    copy_all: float
    """The same on all threads."""


class Record(Frozen):
    """One run of the benchmark."""

    date: str
    """When it began."""
    machine: Machine
    rates: Rates
    threads: int
    """What all threads means."""
    batch: int
    """Samples a step."""
    seconds: float
    """How long it took, all in all."""
    labels: dict[str, str]
    """What contestants are called, in order."""
    sizes: tuple[Row, ...]
    """All sizes, a model (or a few) at once."""
    numbers: tuple[Row, ...]
    """One size, with many models at once: a row for each number."""
    absent: dict[str, str]
    """Why contestants that are missing are."""
    left_out: int = 0
    """Sizes and densities that were left out to be quick."""


DENSE = 0.5
"""From here on, features count as dense."""


def ends(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the ReLU output models of each size whose features are dense, and the sparsest.

    By size. Of the former the densest, where there is any; of the latter those that are no others.
    """
    sizes: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        if row.model == "relu":
            sizes.setdefault((row.n, row.m), []).append(row)
    kept = [sorted(same, key=lambda row: -row.density) for same in sizes.values()]
    kept.sort(key=lambda same: same[0].n * same[0].m)
    dense = [same[0] for same in kept if same[0].density >= DENSE]
    return dense, [same[-1] for same in kept if same[-1] not in dense]
