"""The benchmark compares like with like and computes its ratios rightly; speed is not tested."""

import json
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import __main__ as command
from benchmarks import contestants, measure, page
from benchmarks.before import Checkout
from benchmarks.contestants import BATCH, CASES, Case, PublishedLoop, Work
from benchmarks.measure import Record, Row, Times, measured
from superposition.sampling.sample import batch
from superposition.training import train


@pytest.fixture
def _threads_as_before():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def _clock(monkeypatch):
    """Works say how many seconds they take, and those are measured."""
    monkeypatch.setattr(measure, "seconds_of", lambda run, steps: run(steps))


# What trains.


@pytest.mark.parametrize("density", [1.0, 0.1])
def test_the_loop_and_the_kernel_arrive_at_the_same_weights_on_the_same_batches(density):
    case, runs, steps = Case(5, 2, density), range(3), 100
    (first,) = train([case.cell(0)], runs, engine="fused")
    (last,) = train([case.cell(steps)], runs, engine="fused")
    loop = PublishedLoop(case, len(runs))
    loop.W.data.copy_(torch.from_numpy(first.W).mT)
    loop.b.data.copy_(torch.from_numpy(first.b))
    for step in range(steps):
        x = np.stack([batch(case.cell(steps), run, step) for run in runs], axis=1)
        loop.step(torch.from_numpy(x))
    assert loop.W.detach().mT.numpy() == pytest.approx(last.W, abs=2e-5)
    assert loop.b.detach().numpy() == pytest.approx(last.b, abs=2e-5)
    assert np.abs(last.W - first.W).max() > 0.03


def test_batches_of_the_loop_are_fresh_and_as_dense_as_asked_for():
    loop = PublishedLoop(Case(20, 5, 0.05), 10)
    one, other = loop.batch(), loop.batch()
    assert one.shape == (BATCH, 10, 20)
    assert not torch.equal(one, other)
    active = one[one > 0]
    # Five standard deviations: the loop draws as torch's own generator stands.
    assert active.numel() / one.numel() == pytest.approx(0.05, rel=0.05)
    assert float(active.mean()) == pytest.approx(0.5, rel=0.02)
    assert float(active.max()) <= 1


@pytest.mark.usefixtures("_threads_as_before")
def test_contestants_train_as_many_models_as_they_say(monkeypatch):
    monkeypatch.setattr(contestants, "BATCHED", 7)
    trained = []
    monkeypatch.setattr(PublishedLoop, "step", lambda self, x: trained.append(x.shape[1]))
    monkeypatch.setattr(
        contestants, "train", lambda cells, runs, *_: trained.append(len(runs) * len(cells))
    )
    monkeypatch.setattr(contestants.torch, "compile", lambda function: function)
    monkeypatch.setattr(contestants.shutil, "which", lambda name: name)
    monkeypatch.setattr(contestants, "find_spec", lambda name: None)  # no JAX
    works = {name: prepare(CASES[0]) for name, prepare in contestants.contestants(2).items()}
    for work in works.values():
        work.run(1)
    assert {name: work.models for name, work in works.items()} == {
        "loop_one": 1, "loop_batched": 7, "fused_one": 1, "fused_all": 4, "loop_compiled": 7
    }  # fmt: skip
    assert trained == [1, 7, 1, 4, 7]


def test_jax_takes_part_where_it_is_installed():
    pytest.importorskip("jax", reason="JAX is no dependency")
    work = contestants.contestants(1)["jax"](CASES[0])
    assert work.models == contestants.BATCHED
    (parameters, *_, steps), (start, *_) = work.run(20), work.run(0)
    assert (steps == 20).all()
    assert np.abs(parameters["W"] - start["W"]).max() == pytest.approx(0.02, rel=0.05)


def test_the_cuda_engine_takes_part_where_there_is_a_gpu(monkeypatch):
    assert "cuda" not in contestants.contestants(1)
    monkeypatch.setattr(contestants, "gpus", lambda: 1)
    assert contestants.contestants(1)["cuda"](CASES[0]).models == contestants.ON_GPU


def test_another_checkout_takes_part_if_it_is_given(tmp_path):
    with closing(Checkout(Path(__file__).parents[1])) as checkout:
        work = checkout.prepare(CASES[0], models=2, threads=1)
        work.run(3)
    assert work.models == 2
    with (
        closing(Checkout(tmp_path)) as none,
        pytest.raises(SystemExit, match="the checkout given with --before does not train"),
    ):
        none.prepare(CASES[0], 1, 1).run(1)


# Timing, where a work says how many seconds it takes.


@pytest.mark.usefixtures("_clock")
def test_turns_alternate_and_starting_is_no_part_of_a_step():
    calls = []

    def run(name, start, steps):
        calls.append((name, steps))
        return start + 1e-4 * steps

    works = {"a": Work(partial(run, "a", 0.0), 1), "b": Work(partial(run, "b", 5e-3), 4)}
    row = measured(Case(2, 1, 1.0), works, turns=3, seconds=1e-3)
    assert [name for name, _ in calls[-6:]] == ["a", "b"] * 3
    assert row.times["a"] == Times(models=1, turns=(100.0,) * 3)
    assert row.times["b"] == Times(models=4, turns=(25.0,) * 3)
    # A turn is as long as asked for, or as long as the start.
    assert [steps for _, steps in calls[-2:]] == [10, 50]


def test_seconds_are_those_of_the_wall():
    assert measure.seconds_of(lambda steps: time.sleep(0.01 * steps), 2) > 0.019


# Ratios, and the page.


def row(n, m, density, scale=1.0):
    """A row of loops so many times slower, on a machine that is ten times slower in one turn."""
    costs = {"loop_one": 100 * scale, "loop_batched": 20 * scale, "fused_one": 4, "fused_all": 2}
    times = {
        name: Times(models=1, turns=tuple(cost * slow for slow in (1, 1.25, 10)))
        for name, cost in costs.items()
    }
    return Row(n=n, m=m, density=density, times=times)


def made_up():
    rows = (row(2, 1, 1.0), row(5, 2, 1.0, 3.0), row(5, 2, 0.05, 2.0), row(400, 30, 0.05, 1200.0))
    return Record(
        date="2030-01-02", machine="A Processor, 2 cores", load=0.5, threads=2, seconds=123,
        times_faster_at_n_5=measure.times_faster_at_n_5(rows), rows=rows,
    )  # fmt: skip


def test_a_ratio_is_that_of_turns_side_by_side():
    times = {
        "loop_one": Times(models=1, turns=(2, 20, 200)),
        "fused_all": Times(models=1, turns=(1, 10, 1000)),
    }
    assert Row(n=2, m=1, density=1, times=times).times_faster("loop_one") == 2


def test_what_the_readme_quotes_is_of_the_density_that_gains_least():
    assert made_up().times_faster_at_n_5 == {
        "than_100_models_batched": 20.0,
        "than_one_model_at_a_time": 100.0,
    }


def test_the_page_shows_every_size_and_names_the_machine():
    text = page.markdown(made_up())
    assert "**20 times as fast as the\npublished loop with 100 models batched**, and 100" in text
    for words in ("2030-01-02", "A Processor, 2 cores", "on 2 threads", "benchmarks.svg"):
        assert words in text
    titles, _, *rows = (line.strip("| ").split(" | ") for line in page.table(made_up()).split("\n"))
    assert titles[3:7] == ["loop, one model", "loop, 100 batched", "fused, 1 thread",
                           "fused, all threads"]  # fmt: skip
    assert rows[0] == ["2", "1", "1", "125", "25", "5", "2.5", "50", "10", "10"]
    assert rows[-1][:5] == ["400", "30", "0.05", "150,000", "30,000"]


def test_the_page_of_a_busy_machine_quotes_no_ratio():
    busy = page.markdown(made_up().model_copy(update={"load": 3.0}))
    assert "**The machine was busy" in busy
    assert "times as fast" not in busy
    assert "The machine was busy" not in page.markdown(made_up())


@pytest.mark.parametrize(
    ("value", "text"), [(0.01234, "0.0123"), (4.812, "4.81"), (48.0, "48"), (2294.39, "2,290")]
)
def test_numbers_have_three_digits(value, text):
    assert page.number(value) == text


def test_the_plot_names_who_took_part():
    (axes,) = page.plot(made_up()).axes
    assert {text.get_text() for text in axes.texts} == {
        "loop, one model", "loop, 100 batched", "fused, 1 thread", "fused, all threads"
    }  # fmt: skip
    assert axes.get_xlabel()
    assert axes.get_ylabel()


@pytest.mark.usefixtures("_threads_as_before")
def test_a_small_run_writes_numbers_page_and_plot_and_rewriting_changes_none(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(command, "CASES", (Case(2, 1, 1.0), Case(5, 2, 0.05)))
    monkeypatch.setattr(contestants.shutil, "which", lambda name: None)
    monkeypatch.setattr(contestants, "find_spec", lambda name: None)
    arguments = ["--docs", str(tmp_path), "--seconds", "0.001"]
    command.main(arguments)
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert set(written) == {"benchmarks.json", "benchmarks.md", "benchmarks.svg"}
    found = json.loads(written["benchmarks.json"])
    assert [len(times["turns"]) for r in found["rows"] for times in r["times"].values()] == [5] * 8
    assert "n=5 m=2" in capsys.readouterr().out
    command.main([*arguments, "--rewrite"])
    assert written == {file.name: file.read_bytes() for file in tmp_path.iterdir()}


def test_the_committed_page_is_that_of_the_committed_numbers():
    docs = Path(__file__).parents[1] / "docs"
    record = Record.model_validate_json((docs / "benchmarks.json").read_text(encoding="utf-8"))
    assert record.times_faster_at_n_5 == measure.times_faster_at_n_5(record.rows)
    assert (docs / "benchmarks.md").read_text(encoding="utf-8") == page.markdown(record), (
        "make bench ARGS=--rewrite writes the page anew"
    )
