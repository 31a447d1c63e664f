"""The benchmark counts rightly and writes a page; how fast anything is, is not tested."""

import json
import re
import time
from functools import partial

import numpy as np
import pytest
import torch
from project import ROOT
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from superposition.benchmarks import (
    command,
    contestants,
    counting,
    jax_loop,
    loops,
    measuring,
    timing,
)
from superposition.benchmarks.cases import Case, cases, spread
from superposition.benchmarks.counting import Size
from superposition.benchmarks.machine import Gauge
from superposition.benchmarks.measuring import Effort, measure
from superposition.benchmarks.page import brief, markdown
from superposition.benchmarks.record import Machine, Rates, Record, Row, Times
from superposition.benchmarks.tables import number
from superposition.benchmarks.timing import Work, measured, turn_of
from superposition.config import load
from superposition.errors import UserError
from superposition.features import tabulate

SIZES = (Size(50, 10, 512), Size(7, 3, 64), Size(40, 30, 256))


@pytest.fixture
def _threads_as_before():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=False)


# Counts, against other ways to count.


@pytest.mark.parametrize("size", SIZES)
def test_the_products_of_a_step_have_as_many_operations_as_torch_counts(size):
    step = loops.notebook_step(Case(size.n, size.m, "relu", 0.5), 1, batch=size.batch)
    with FlopCounterMode(display=False) as counter:
        step()
    assert counter.get_total_flops() == counting.products(size)


@pytest.mark.parametrize("rows", [False, True])
def test_the_benchmarked_products_are_those_of_the_step(rows):
    case = Case(12, 4, "relu", 1.0)
    with FlopCounterMode(display=False) as counter:
        loops.bare_products(case, rows=rows).run(3)
    size = Size(12, 4, measuring.BATCH)
    assert counter.get_total_flops() == 3 * counting.products(size)


class Traffic(TorchDispatchMode):
    """Adds up the bytes of all tensors that operations read and write."""

    def __init__(self):
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        leaves = torch.utils._pytree.tree_leaves
        there = {id(a): a for a in leaves([args, kwargs]) if isinstance(a, torch.Tensor)}
        made = [a for a in leaves(result) if isinstance(a, torch.Tensor)]
        memory = {a.untyped_storage().data_ptr() for a in there.values()}
        looks = made and all(a.untyped_storage().data_ptr() in memory for a in made)
        if not looks or function.name().split(".")[0].endswith("_"):
            for array in [*there.values(), *made]:
                # What is expanded from one number is one number.
                self.bytes += min(array.nbytes, array.untyped_storage().nbytes())
        return result


@pytest.mark.parametrize("size", SIZES)
def test_the_notebooks_loop_moves_as_many_bytes_as_its_operations_show(size):
    step = loops.notebook_step(Case(size.n, size.m, "relu", 0.5), 1, batch=size.batch)
    step()  # Adam's means are made once
    with Traffic() as traffic:
        step()
    assert traffic.bytes == pytest.approx(counting.plain_bytes(size), rel=0.01)


class Counted:
    """Numbers that count the operations on them."""

    operations = 0

    def __init__(self, values):
        self.values = np.asarray(values, dtype=float)

    def _do(self, other, operation):
        values = operation(self.values, other.values if isinstance(other, Counted) else other)
        Counted.operations += values.size
        return Counted(values)

    __add__ = __radd__ = lambda self, other: self._do(other, np.add)
    __mul__ = __rmul__ = lambda self, other: self._do(other, np.multiply)

    def __sub__(self, other):
        return self._do(other, np.subtract)

    def __truediv__(self, other):
        return self._do(other, np.divide)

    def __gt__(self, other):
        return self._do(other, np.greater)

    def root(self):
        return self._do(0, lambda values, _: np.sqrt(values))


def count(function, *shapes):
    Counted.operations = 0
    function(*(Counted(np.ones(shape)) for shape in shapes))
    return Counted.operations


def test_outputs_and_the_update_have_as_many_operations_as_when_written_down():
    size = Size(6, 2, 32)

    def outputs(y, bias, x, scale, gradient):
        y = y + bias
        error = (y - x) * scale
        assert (y > 0).values.all()
        for row in error.values:
            gradient = gradient + Counted(row)

    def adam(p, g, mean, square):
        g = g + 0.01 * p
        mean = mean + 0.1 * (g - mean)
        square = 0.999 * square + 0.001 * (g * g)
        scale = square.root() / 0.5 + 1e-8
        change = 0.01 * (mean / scale)
        return 0.99 * p - change

    wide = (size.batch, size.n)
    assert count(outputs, wide, size.n, wide, size.n, size.n) == counting.outputs(size)
    parameters = [size.parameters] * 4
    assert count(adam, *parameters) == counting.update(size)


def test_philox_has_as_many_operations_as_when_written_down():
    size = Size(3, 1, 64)

    def draw(x0, x1, x2, x3):
        for _ in range(10):
            a, b = x0 * 3, x2 * 5
            x0, x1, x2, x3 = ((b / 2) * x1) * 7, b, ((a / 2) * x3) * 9, a
        for word in (x0, x1, x2, x3):
            place = word - 1
            value = ((word - 1) / 2) * 1  # a difference, a shift, a conversion
            value = value * 0.5 * 1.0 + 0.0
            assert (place > -1).values.size

    lanes = size.batch * size.n // 4
    assert count(draw, *[lanes] * 4) == counting.random_numbers(size)


@pytest.mark.parametrize(("n", "density"), [(5, 0.1), (20, 0.01), (3, 1.0)])
def test_needed_operations_are_those_of_samples_that_are_not_empty(n, density):
    size = Size(n, 4, 1 << 14, density)
    x = np.random.default_rng(0).random((size.batch, n)) <= density
    alive = np.count_nonzero(x.any(axis=1))
    found = 3 * 2 * alive * n * size.m + 2 * 2 * np.count_nonzero(x) * size.m
    assert counting.needed(size) == pytest.approx(found, rel=0.05)
    assert counting.needed(size) <= counting.products(size)
    assert counting.needed(size._replace(density=1.0)) == counting.products(size)


# What is measured.


def test_every_size_of_every_experiment_is_measured_at_its_ends():
    config = load(ROOT / "config.yaml")
    found = {(case.n, case.m, case.model, case.density) for case in cases(config)}
    named = {name for case in cases(config) for name in case.experiments}
    assert named == set(config.experiments)
    for name, experiment in config.chosen().items():
        if experiment.n_features == 5 and experiment.n_hidden == 2:
            assert name in {"intro", "intro_notebook", "perturbed"}
    assert {(400, 30, "relu", 1.0), (400, 30, "relu", 0.05)} <= found
    assert len(found) == len(cases(config)) < 100


def test_densities_between_are_near_the_geometric_mean():
    assert spread([0.5, 0.5, 0.1]) == [0.5, 0.1]
    assert spread([0.001, 1.0, 0.3, 0.03, 0.01]) == [1.0, 0.03, 0.001]


def test_a_case_is_a_cell_like_those_of_the_config():
    cell = Case(6, 9, "absolute", 0.1, "signed").cell(3)
    assert (cell.training.steps, cell.training.batch) == (3, 1024)
    assert cell.model.model == "absolute"
    assert tabulate(cell.features).low == -1


# Timing, where a work says how many seconds it takes.


@pytest.fixture
def _clock(monkeypatch):
    monkeypatch.setattr(timing, "seconds_of", lambda work, *arguments: work(*arguments))


@pytest.mark.usefixtures("_clock")
def test_turns_alternate_and_starting_is_no_part_of_a_step():
    calls = []

    def train(name, start, steps):
        calls.append((name, steps))
        return start + 1e-4 * steps

    works = {
        "a": Work(partial(train, "a", 0), 1),
        "b": Work(partial(train, "b", 5e-3), 4, "before"),
    }
    times = measured(works, turns=3, seconds=1e-3)
    assert [name for name, _ in calls[-5:]] == ["a", "b", "a", "b", "a"]
    assert ("b", 0) in calls
    assert ("a", 0) not in calls
    # A turn of b is ten times as long as asked for: it is taken twice.
    assert {name: len(t.turns) for name, t in times.items()} == {"a": 3, "b": 2}
    assert times["b"].models == 4
    assert times["a"].turns == pytest.approx([100] * 3)
    assert times["b"].turns == pytest.approx([25] * 2)


@pytest.mark.usefixtures("_clock")
def test_turns_are_long_where_models_start_beside_others():
    def train(steps):
        return 2e-3 + 1e-3 * steps

    beside, before = (turn_of(Work(train, 1, starts), 1e-3) for starts in ("beside", "before"))
    assert beside.took == pytest.approx(20 * 2e-3, rel=0.05)
    assert before.took == pytest.approx(2e-3 + 2e-3)
    assert (beside.start, before.start) == (0, 2e-3)


@pytest.mark.usefixtures("_clock")
def test_what_would_take_too_long_is_left_out():
    slow = Work(lambda steps: 1.0 + 1e-3 * steps, 1, "beside")
    fast = Work(lambda steps: 1e-4 * steps, 1)
    assert set(measured({"slow": slow, "fast": fast}, 2, 1e-3)) == {"fast"}


def test_seconds_are_those_of_the_wall():
    assert timing.seconds_of(time.sleep, 0.02) > 0.019


def test_a_ratio_is_that_of_turns_side_by_side():
    times = {"a": Times(turns=(2, 20, 200), models=1), "b": Times(turns=(1, 10, 1000), models=1)}
    row = Row(n=2, m=1, model="relu", density=1, experiments=("e",), times=times)
    assert row.ratio("a", "b") == 2
    assert row.ratio("a", "c") is None
    assert (times["a"].median, times["a"].least) == (20, 2)


# Contestants.


@pytest.mark.usefixtures("_threads_as_before")
@pytest.mark.parametrize("model", ["linear", "relu", "relu_hidden", "relu_hidden_biased"])
def test_all_contestants_train_every_tied_model(model):
    here, absent = contestants.contestants(threads=1)
    assert {"notebook", "reference", "fused_one", "fused_all", "products"} <= set(here)
    assert {"JAX", "jax"} & {*here, *absent}
    for contestant in here.values():
        contestant.prepare(Case(4, 2, model, 0.5), contestant.models).run(2)


@pytest.mark.usefixtures("_threads_as_before")
def test_all_contestants_train_the_untied_model():
    here, _ = contestants.contestants(threads=2)
    for contestant in here.values():
        contestant.prepare(Case(3, 4, "absolute", 0.5, "signed"), 3).run(1)


def test_models_that_do_not_fit_are_left_out():
    case = Case(5, 2, "relu", 0.1)
    small = contestants.Contestant("small", loops.notebook, memory=lambda: 10**7)
    assert small.fits(case, 10)
    assert not small.fits(case, 100)
    assert contestants.Contestant("any", loops.notebook).fits(case, 10**9)


def test_the_cuda_engine_takes_part_where_there_is_a_gpu(monkeypatch):
    assert "cuda" not in contestants.contestants(1)[0]
    monkeypatch.setattr(contestants, "gpus", lambda: 1)
    assert contestants.contestants(1)[0]["cuda"].models == 256


def test_jax_learns():
    jax = pytest.importorskip("jax", reason="JAX is not a dependency")
    case = Case(3, 2, "relu", 1.0)
    program = jax.jit(jax_loop._program(case, 2, 64))
    state = jax_loop._start(case, 2)
    for step in range(4000):
        state = program(state, jax.random.key(step), 1.0)
    for W in np.asarray(state[0]["W"], dtype=float):
        # Without sparsity, two of three features end in a dimension each.
        assert np.linalg.eigvalsh(W.T @ W)[1:] == pytest.approx([1.0, 1.0], abs=0.25)


# The page.


def made_up(**changed) -> Record:
    """Return a record whose numbers follow from the counts."""

    def row(n, m, model, density, names, models=None):
        size = Size(n, m, 1024, density)
        base = counting.needed(size) / 3e4
        factors = {"notebook": 40, "reference": 30, "fused_one": 1.2, "fused_all": 0.6}
        factors |= {"products": 0.9, "products_rows": 1.4, "jax": 9, "cuda": 0.01}
        times = {
            name: Times(turns=(base * f + 2, base * f + 2.5, base * f + 2.2), models=models or 1)
            for name, f in factors.items()
            if name in names
        }
        return Row(n=n, m=m, model=model, density=density, experiments=("e", "f"), times=times)

    labels = {name: contestant.label for name, contestant in contestants.contestants(2)[0].items()}
    shapes = [(2, 1, "relu"), (5, 2, "relu"), (20, 5, "linear"), (20, 5, "relu")]
    shapes += [(3, 6, "absolute"), (200, 20, "relu"), (400, 30, "relu")]
    record = Record(
        date="2030-01-02",
        machine=Machine(processor="A Processor", cores=2, vectors="AVX2", system="Linux 6",
                        device="", versions="Python 3.11", load=0.5),
        rates=Rates(product_one=8e10, product_all=1.5e11, copy_one=1e10, copy_all=1.2e10),
        threads=2,
        batch=1024,
        seconds=300,
        labels=labels,
        sizes=tuple(row(n, m, model, p, labels) for n, m, model in shapes for p in (1.0, 0.05)),
        numbers=tuple(
            row(5, 2, "relu", 0.1, ("notebook", "fused_all"), models) for models in (1, 10, 100)
        ),
        absent={"JAX": "not installed"},
    )  # fmt: skip
    return record.model_copy(update=changed)


def tables(text):
    """Return every table of a page, as rows of cells."""
    blocks = [block for block in text.split("\n\n") if block.startswith("|")]
    return [[line.strip("| ").split(" | ") for line in block.splitlines()] for block in blocks]


def test_the_page_names_the_machine_and_shows_every_size():
    record = made_up()
    page = markdown(record)
    for words in ("2030-01-02", "A Processor", "2 cores", "AVX2", "Python 3.11", "not installed"):
        assert words in page
    sizes, products, numbers, roofline = tables(page)
    assert len(sizes) - 2 == len(products) - 2 == len(record.sizes)
    assert len(numbers) - 2 == 3
    assert len(roofline) - 2 == sum(row.model == "relu" for row in record.sizes)
    for table in (sizes, products, numbers, roofline):
        assert {len(row) for row in table} == {len(table[0])}
    assert not re.search(r"nan|None|\{|e\+", page)
    assert "benchmarks.svg" in page


def test_the_page_says_where_the_kernel_costs_less_than_the_products():
    rows = made_up().sizes[:2]
    below, above = rows[0].model_copy(deep=True), rows[1].model_copy(deep=True)
    below.times["products"] = Times(turns=(1e9,) * 3, models=1)
    above.times["products"] = Times(turns=(1e-9,) * 3, models=1)
    page = markdown(made_up(sizes=(below, above)))
    assert [row[-1] for row in tables(page)[1][2:]] == ["yes", "**no**"]
    assert "at 1 of 2 sizes" in page
    assert "It does not at n = 2, m = 1, 1 − S = 0.05, relu (" in page
    assert "It does at every size." in markdown(made_up(sizes=(below,)))


def test_a_graphics_processor_is_shown_beside_the_others(tmp_path):
    from superposition.benchmarks.picture import draw

    record = made_up()
    labels = record.labels | {"cuda": "CUDA engine", "notebook_cuda": "notebook's loop, CUDA"}
    rows = [
        row.model_copy(
            update={
                "times": row.times
                | {name: Times(turns=(0.1,) * 3, models=1000) for name in ("cuda", "notebook_cuda")}
            }
        )
        for row in (*record.sizes, *record.numbers)
    ]
    sizes, numbers = rows[: len(record.sizes)], rows[len(record.sizes) :]
    record = made_up(labels=labels, sizes=tuple(sizes), numbers=tuple(numbers))
    page = markdown(record)
    assert "CUDA engine: " in page
    assert "- **notebook's loop, CUDA**: " in page
    assert "CUDA engine" in tables(page)[0][0]
    assert draw(record)


def test_missing_contestants_leave_dashes():
    record = made_up()
    row = record.numbers[0].model_copy(update={"times": {}})
    row.times["fused_all"] = Times(turns=(1.0,), models=1000)
    *_, numbers, _ = tables(markdown(made_up(numbers=(*record.numbers, row))))
    assert numbers[-1] == ["1,000", "–", "1 (1)", "–"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.012"), (0.5, "0.5"), (4.812, "4.81"), (48.12, "48.1"), (100.0, "100"),
     (2294.39, "2,290"), (None, "–")],
)  # fmt: skip
def test_numbers_have_three_digits(value, text):
    assert number(value) == text


def test_what_was_measured_is_read_back_the_same(tmp_path):
    record = made_up()
    file = tmp_path / "benchmarks.json"
    file.write_text(record.model_dump_json())
    assert command.read(file) == record
    file.write_text("{}")
    with pytest.raises(UserError, match="not what this version"):
        command.read(file)


def test_page_plot_and_table_are_written_at_once_and_the_same_twice(tmp_path):
    readme, docs = tmp_path / "README.md", tmp_path / "docs"
    readme.write_text("Above\n<!-- benchmarks:start -->\nold\n<!-- benchmarks:end -->\nbelow\n")
    docs.mkdir()
    (docs / "benchmarks.json").write_text(made_up().model_dump_json())
    arguments = ["--docs", str(docs), "--readme", str(readme), "--redraw"]
    command.main(arguments)
    first = {file.name: file.read_bytes() for file in [readme, *docs.iterdir()]}
    assert set(first) == {"README.md", "benchmarks.json", "benchmarks.md", "benchmarks.svg"}
    text = readme.read_text()
    assert text.startswith("Above\n")
    assert text.endswith("below\n")
    assert "old" not in text
    assert "| 400 | 30 | 0.05 |" in text
    command.main(arguments)
    assert first == {file.name: file.read_bytes() for file in [readme, *docs.iterdir()]}


def test_the_plot_says_what_it_shows(tmp_path):
    from superposition.benchmarks.picture import draw

    figure = draw(made_up())
    words = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    for name, label in made_up().labels.items():
        assert (label in words) == (name != "products_rows")
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)


@pytest.mark.usefixtures("_threads_as_before")
def test_a_small_run_measures_everything(tmp_path, monkeypatch):
    monkeypatch.setattr(Gauge, "__init__", small_gauge(Gauge.__init__))
    lines = []
    effort = Effort(turns=2, seconds=1e-3, numbers=(1, 3))
    sizes = [
        Case(2, 1, "relu", 1.0, experiments=("a",)),
        Case(3, 4, "absolute", 0.5, "signed", ("b",)),
    ]
    record = measure(sizes, 2, effort, lines.append)
    assert len(record.sizes) == len(record.numbers) == 2
    assert len(lines) == 4
    for row in record.sizes:
        assert set(row.times) == set(record.labels)
        assert all(len(times.turns) == 2 and times.least > 0 for times in row.times.values())
    assert {times.models for times in record.numbers[1].times.values()} == {3}
    assert record.machine.cores >= 1
    assert record.rates.copy_one > 0
    assert Record.model_validate_json(record.model_dump_json()) == record
    assert brief(record)
    assert markdown(record)


def small_gauge(init):
    return lambda self, threads: init(self, threads, side=16, copied=1 << 12)


def test_the_committed_page_is_that_of_the_committed_numbers():
    docs = ROOT / "docs"
    record = command.read(docs / "benchmarks.json")
    assert (docs / "benchmarks.md").read_text(encoding="utf-8") == markdown(record), (
        "make bench ARGS=--redraw writes the page anew"
    )
    assert brief(record) in (ROOT / "README.md").read_text(encoding="utf-8")
    assert json.loads((docs / "benchmarks.json").read_text())["date"] == record.date
