"""`import superposition` in a notebook or a script."""

import doctest
import inspect
import os
import re
import shutil
import signal
import sys
import types
from pathlib import Path

import jaxtyping
import numpy as np
import pandas as pd
import pytest
import torch
from processes import loaded

import superposition
from superposition.api import keys, train
from superposition.base.errors import UserError
from superposition.base.progress import NotebookProgress, Progress, for_people
from superposition.config.experiment import Experiment
from superposition.config.models import MODELS
from superposition.config.recipe import Recipe
from superposition.config.settings import DictionarySettings
from superposition.kernels.compilation import EntryPoint
from superposition.measure.dictionaries.training import train as train_dictionaries
from superposition.measure.network import TrainedCell
from superposition.measure.tables import features_table, runs_table
from superposition.model.weights import save
from superposition.training import evaluate, memory
from superposition.training import train as train_runs

ROOT = Path(__file__).resolve().parents[1]
SMALL = {
    "models": ["relu"],
    "n_features": 4,
    "n_hidden": 2,
    "importance": 1.0,
    "feature_probability": [1.0, 0.1],
    "runs": 3,
    "evaluation_samples": 256,
    "training": {"steps": 600, "batch": 64, "learning_rate": 0.01},
}


def small(name="small", **changes):
    return superposition.experiment(name, **{**SMALL, **changes})


@pytest.fixture(scope="module")
def trained():
    return train(small(), progress=False)


@pytest.fixture
def unannotated(monkeypatch):
    """The library as people have it: types are checked in tests only."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


def test_the_example_of_the_documentation_runs(tmp_path, monkeypatch, capsys):
    texts = [file.read_text("utf-8") for file in (ROOT / "README.md", *ROOT.glob("docs/*.md"))]
    example = r"<!-- library:start -->\n```python\n(.*?)```"
    (found,) = (code for text in texts for code in re.findall(example, text, re.DOTALL))
    assert len(found.splitlines()) <= 12
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(found, "example", "exec"), names)
    told = capsys.readouterr()
    assert "3 trained cells" in told.out
    assert "48 of 48 runs trained" in told.err
    np.testing.assert_allclose(superposition.feature_dimensionality(names["W"]), 0.4, atol=0.02)
    assert len(names["table"]) == 3 * 16 * 5
    assert {path.suffix for path in tmp_path.iterdir()} == {".svg", ".pdf", ".png", ".csv"}


@pytest.mark.parametrize(
    ("use", "heavy"),
    [
        ("dir(superposition)", "numpy torch numba pandas matplotlib pydantic yaml"),
        ("superposition.train", "torch pandas matplotlib"),
    ],
)
def test_nothing_is_loaded_before_it_is_needed(use, heavy):
    assert not set(heavy.split()) & loaded(f"import superposition; {use}")


def test_what_is_offered_is_there_and_editors_are_told_the_same():
    stub = (ROOT / "src/superposition/__init__.pyi").read_text(encoding="utf-8")
    told = re.findall(r"^from superposition\.([\w.]+) import (\w+) as \2$", stub, re.MULTILINE)
    assert {name: module for module, name in told} == superposition._OFFERED
    guide = (ROOT / "docs/library.md").read_text(encoding="utf-8")
    for name in superposition._OFFERED:
        offered = getattr(superposition, name)
        assert callable(offered)
        assert name in dir(superposition)
        assert name in superposition.__doc__
        assert f"| `sp.{name}` | {offered.__doc__.splitlines()[0]} |" in guide
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        superposition.nothing  # noqa: B018


@pytest.mark.parametrize("name", [*superposition._OFFERED])
def test_examples_in_docstrings_say_what_happens(name, tmp_path, monkeypatch, unannotated):
    shutil.copy(ROOT / "config.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    offered = getattr(superposition, name)
    examples = doctest.DocTestFinder(recurse=False).find(offered, name, globs={})
    told = []
    results = [doctest.DocTestRunner().run(one, out=told.append) for one in examples]
    assert sum(one.attempted for one in results) > 0
    assert not any(one.failed for one in results), "".join(told)


@pytest.mark.parametrize(
    ("known", "schema"),
    [
        (inspect.signature(superposition.experiment).parameters, Experiment),
        (keys.TrainingKeys.__annotations__, Recipe),
        (keys.DictionaryKeys.__annotations__, DictionarySettings),
        (inspect.signature(superposition.dictionaries).parameters, DictionarySettings),
    ],
)
def test_editors_complete_the_keys_of_the_configuration(known, schema):
    ours = {"name", "unknown", "trained", "threads", "progress"}
    assert set(known) - ours == set(schema.model_fields)


def test_weights_are_the_bytes_of_the_workflow(trained, tmp_path):
    cells = {name.partition("/")[2]: cell for name, cell in small().cells().items()}
    chunks = [(tmp_path / "0", range(2), [*cells]), (tmp_path / "1", range(2, 3), [*cells])]
    for file, runs, _ in chunks:
        # As the training stage does.
        alone = {"runs": runs[-1] + 1, "evaluation_samples": 1}
        parts = train_runs([cell.model_copy(update=alone) for cell in cells.values()], runs)
        save(file, dict(zip(cells, parts, strict=True)))
    save(tmp_path / "theirs", evaluate.export(chunks, cells))
    (ours,) = trained.save(tmp_path / "ours")
    assert ours.name == "small.safetensors"
    assert ours.read_bytes() == (tmp_path / "theirs").read_bytes()


def test_what_is_swept_makes_cells_and_columns():
    config = small(feature_probability=[0.5], relative_importance=[0.5, 2.0], runs=2)
    rows = train(config, progress=False, threads=2)
    assert [cell.W.shape for cell in rows.values()] == [(2, 2, 4)] * 2
    assert all(np.isfinite(cell.loss).all() for cell in rows.values())
    assert rows.run_table()["relative_importance"].tolist() == [0.5, 0.5, 2.0, 2.0]


def test_arrays_do_for_lists():
    config = small(
        n_features=np.int64(4),
        importance=np.ones(4),
        feature_probability=np.linspace(1, 0.5, 3),
        correlated=[range(2)],
        training={"learning_rate": np.float32(0.5)},
    )
    assert list(config.cells()) == [f"small/relu_p{p}" for p in ("1", "0.75", "0.5")]
    assert config.experiments["small"].correlated == ((0, 1),)


@pytest.mark.parametrize(
    "densities",
    [
        torch.tensor([1.0, 0.2]),
        torch.tensor([1.0, 0.2], requires_grad=True),
        [torch.tensor(1.0), torch.tensor(0.2)],
        np.array([1.0, 0.2], np.float32),
        (np.float16(1.0), np.float32(0.2)),
        np.array([1.0, np.float32(0.2)], object),
        np.array([1.0, 0.2], np.longdouble),
    ],
    ids=str,
)
def test_a_number_of_fewer_bits_is_the_decimal_that_it_stands_for(densities):
    assert (
        small(feature_probability=densities).cells() == small(feature_probability=[1, 0.2]).cells()
    )


def test_such_numbers_are_decimals_wherever_they_are_given(tmp_path):
    short = np.float32(0.2)
    config = small(
        training={"beta1": short, "snapshots": {"first": 1, "last": np.int32(9), "points": 2}},
        importance={"decay": torch.tensor(0.2)},
        relative_density=np.array([0.2], np.float32),
    )
    (cell, *_) = config.cells().values()
    assert (cell.training.beta1, cell.swept["relative_density"]) == (0.2, 0.2)
    assert cell.model.importance[1] == 0.2
    file = tmp_path / "config.yaml"
    file.write_text("seed: 0")
    changed = superposition.read_config(
        file, {"experiments": {"a": SMALL}, "training": {"beta2": short}}
    )
    assert changed.training.beta2 == 0.2
    assert superposition.constructed("single", short).density == 0.2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_feature": 5}, "experiment: n_feature is not a key here; did you mean n_features"),
        (
            {"feature_probability": np.array([0.1, 0.1])},
            "as is feature_probability[0]; expected each value once",
        ),
        (
            {"frequency_exponent": [1, 1]},
            "as is frequency_exponent[0]; expected each value once",
        ),
    ],
)
def test_mistakes_are_told_as_those_in_the_configuration(changes, message):
    with pytest.raises(superposition.ConfigError, match=re.escape(message)):
        small(**changes)


def test_nobody_is_told_about_yaml_who_wrote_none():
    with pytest.raises(superposition.ConfigError) as caught:
        small(n_hidden=True, training={"learning_rate": "1e-3"})
    assert str(caught.value).splitlines() == [
        "experiment: n_hidden is true; expected a whole number.",
        "experiment: training.learning_rate is '1e-3'; expected a number.",
    ]
    with pytest.raises(superposition.ConfigError, match="experiment: n_hidden is missing"):
        superposition.experiment(models=["relu"], n_features=3)


def test_experiments_are_read_from_the_configuration(monkeypatch):
    monkeypatch.chdir(ROOT)
    config = superposition.read_config(
        "config.yaml", {"training": {"beta1": np.float64(0.5)}}, only="intro"
    )
    assert list(config.cells()) == ["intro/relu_p1", "intro/relu_p0.2", "intro/relu_p0.1"]
    assert config.cells()["intro/relu_p1"].training.beta1 == 0.5
    with pytest.raises(superposition.ConfigError, match="did you mean intro"):
        superposition.read_config(only=["intr"])
    with pytest.raises(superposition.ConfigError, match=r"^overlay: runs is 0"):
        superposition.read_config("config.yaml", {"runs": 0})


def interrupted(config, at):
    """Train with an interruption after so many steps."""
    pressed = []

    def progress(done, total):
        if done >= at and not pressed:
            pressed.append(done)
            os.kill(os.getpid(), signal.SIGINT)

    # A test that runs in the background may have been told to ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return train(config, threads=1, progress=progress)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interruption_returns_the_runs_that_are_finished():
    config = small(runs=4, training={"steps": 50_000, "batch": 64})
    part = interrupted(config, at=75_000)
    assert not part.is_complete
    assert list(part) == ["small/relu_p1"]
    cell = part["relu_p1"]
    assert 1 <= len(cell) < 4
    assert np.isfinite(cell.loss).all()
    (alone,) = train_runs([config.cells()["small/relu_p1"]], [0])
    np.testing.assert_array_equal(cell.W[0], alone.W[0])
    assert f"relu_p1: {len(cell)} of 4 runs" in repr(part)
    assert "relu_p0.1: none of 4 runs" in repr(part)
    with pytest.raises(KeyError, match="interrupted"):
        part["relu_p0.1"]


def test_dictionaries_tell_their_progress_and_can_be_interrupted(trained):
    seen = []
    settings = {"sizes": [5], "penalties": [0.01], "steps": 10**6, "threads": 1}

    def progress(done, total):
        seen.append((done, total))
        if done >= 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        superposition.dictionaries(trained, **settings, progress=progress)
    assert seen[:3] == [(0, 6 * 10**6), (100, 6 * 10**6), (200, 6 * 10**6)]


def test_what_ends_a_training_before_anything_is_finished_goes_on():
    with pytest.raises(KeyboardInterrupt):
        interrupted(small(training={"steps": 10**6}), at=1)

    def progress(done, total):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        train(small(training={"steps": 10**6}), progress=progress)


@pytest.mark.parametrize("reason", [KeyboardInterrupt, MemoryError])
def test_what_ends_a_comparison_loses_no_run(monkeypatch, trained, reason):
    compare = iter([evaluate.compare])

    def once(weights, sample):
        try:
            return next(compare)(weights, sample)
        except StopIteration:
            raise reason from None

    monkeypatch.setattr("superposition.api.training.compare", once)
    part = train(small(), progress=False)
    assert part.is_complete
    np.testing.assert_array_equal(part["relu_p1"].loss, trained["relu_p1"].loss)
    np.testing.assert_array_equal(part["relu_p0.1"].W, trained["relu_p0.1"].W)
    assert "relu_p0.1: 3 runs, not compared" in repr(part)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"feature_probability": [0.01], "n_features": 1000, "evaluation_samples": 32_768},
            "to compare runs on 3,276,800 samples of 1000 features. Set evaluation_samples",
        ),
        ({"training": {"steps": 10**9}}, "for 1,000,000,000 steps, 3 runs at a time. Use fewer"),
        ({"n_features": 9000, "n_hidden": 3000, "runs": 40}, "for all trained runs. Train fewer"),
    ],
)
def test_what_does_not_fit_in_memory_is_not_begun(monkeypatch, changes, words):
    monkeypatch.setattr(memory, "memory", lambda: 8 * 10**9)
    monkeypatch.setattr("superposition.api.training.train_runs", None)
    with pytest.raises(UserError, match=r"small/relu_p\S+: takes about .* GB of memory") as caught:
        train(small(**changes), threads=4)
    assert words in str(caught.value)


def test_dictionaries_of_an_experiment_are_trained_saved_and_read(tmp_path):
    seen = []
    settings = {"sizes": [5], "penalties": [0.01], "steps": 20}
    config = small(dictionaries=settings, feature_probability=[0.1])
    found = train(config, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3 * 620, 3 * 620)
    cell = found["relu_p0.1"]
    theirs = train_dictionaries(cell.weights, 1, config.experiments["small"].dictionaries)
    assert cell.dictionaries[1].trained[0].decoder.tobytes() == theirs.trained[0].decoder.tobytes()
    files = found.save(tmp_path)
    again = superposition.read_weights(*files, dictionaries=[*tmp_path.glob("dictionaries/*")])
    assert again["relu_p0.1"][2].dictionaries.W.tobytes() == cell.weights.W[2].tobytes()


def test_dictionaries_can_be_trained_of_what_is_trained(trained):
    settings = {"sizes": [5], "penalties": [0.01], "steps": 20}
    config = small(dictionaries=settings)
    later = superposition.dictionaries(trained, **settings, progress=False)
    at_once = train(config, progress=False)
    assert later.dictionary_table().equals(at_once.dictionary_table())
    assert later.dictionary_table()["run"].tolist() == [0, 1, 2] * 2
    with pytest.raises(superposition.ConfigError, match=r"dictionaries: sizes\[0\] is 0; expected"):
        superposition.dictionaries(trained, sizes=[0], penalties=[1])
    others = train(small(models=["absolute"], training={"steps": 0}), progress=False)
    with pytest.raises(superposition.ConfigError, match="dictionaries: is given for a absolute"):
        superposition.dictionaries(others, **settings)


class Bar:
    """What tqdm's has."""

    made = ()

    def __init__(self, total=None, desc="", unit="", unit_scale=False):
        self.n, self.total, self.desc, self.is_open = 0, total, desc, True
        Bar.made = (*Bar.made, self)

    def update(self, steps):
        self.n += steps

    def close(self):
        self.is_open = False


@pytest.mark.parametrize("progress", [Bar, Bar()])
def test_progress_can_be_a_bar_of_tqdm(progress):
    train(small(), progress=progress)
    bar = Bar.made[-1]
    assert bar.n == bar.total == 2 * 3 * 600
    assert bar.is_open == (bar is progress)


def test_what_is_compiled_first_is_told_and_how_long_it_took(tmp_path, monkeypatch, capsys):
    """Only that: nothing of it is compiled here."""
    from superposition.api.training import _compile

    with monkeypatch.context() as patch:
        patch.setattr(EntryPoint, "file", tmp_path / "none")
        _compile.cache_clear()
        train(small(training={"steps": 0}))
        train(small(training={"steps": 0}))
    _compile.cache_clear()
    told = capsys.readouterr().err
    assert told.count("compiles what trains, once for this processor") == 1
    assert len(re.findall(r"^compiled after \d+\.\d s$", told, re.MULTILINE)) == 1


def test_progress_is_told_in_steps_of_all_runs():
    seen = []
    train(small(), threads=2, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2 * 3 * 600, 2 * 3 * 600)
    assert seen == sorted(seen)


def test_what_is_no_progress_and_what_is_not_trained_is_told(trained):
    for wrong in ({}, types.SimpleNamespace(update=print)):
        with pytest.raises(ValueError, match=r"progress is .*; expected True, False, what to call"):
            train(small(), progress=wrong)
    with pytest.raises(ValueError, match=r"trained is .*; expected trained cells by name"):
        superposition.judge(5)
    with pytest.raises(ValueError, match=r"is a set; expected a list: the order of values counts"):
        small(models={"relu", "linear"})


def test_torch_is_left_as_it_was_and_tells_its_last_step():
    seen, threads = [], torch.get_num_threads()
    config = small(training={"steps": 7}, runs=1)
    train(config, engine="torch", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2 * 7, 2 * 7)
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.get_num_threads() == threads


def test_large_values_are_not_taken_for_divergence():
    config = small(value_range=[-100, 100], training={"steps": 1})
    assert not any(cell.divergence for cell in train(config, progress=False).values())


def test_a_notebook_shows_one_bar(monkeypatch):
    shown = []

    handle = types.SimpleNamespace(update=lambda it: shown.append(it._repr_html_()))
    ipython = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(kernel=None))
    display = types.SimpleNamespace(display=lambda it, *, display_id: display_id and handle)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    progress = for_people("training <2> runs")
    progress(5, 10)
    progress(10, 10)
    progress.finish("done")
    assert shown[-2].startswith(
        '<progress value="1.000"></progress> training &lt;2&gt; runs: 100 %'
    )
    assert "done after" in shown[-1]
    ipython.get_ipython = lambda: types.SimpleNamespace()  # IPython in a terminal
    assert type(for_people("training")) is Progress
    assert isinstance(progress, NotebookProgress)


def test_cells_are_found_by_name_and_by_the_end_of_it(trained):
    assert trained["small/relu_p0.1"] is trained["relu_p0.1"]
    assert "relu_p1" in trained
    assert trained.is_complete
    with pytest.raises(KeyError, match=r"no cell 'relu_p0\.2'; did you mean 'relu_p0\.1'"):
        trained["relu_p0.2"]
    assert 0.1 not in trained
    with pytest.raises(KeyError, match="no cell 0; cells have names: small/relu_p1"):
        trained[0]
    with pytest.raises(IndexError, match=r"small/relu_p1 has no run 3, but cell\[0\] to cell\[2\]"):
        trained["relu_p1"][3]
    other = TrainedCell("other/relu_p1", trained["relu_p1"].weights)
    both = superposition.Trained([*trained.values(), other])
    with pytest.raises(KeyError, match="any of small/relu_p1, other/relu_p1"):
        both["relu_p1"]


def test_what_is_trained_shows_itself_in_a_line_and_in_a_small_table(trained):
    cell = trained["relu_p0.1"]
    sizes, loss = "4 features in 2 dimensions", f"{cell.loss.min():.4g}"
    assert repr(cell) == f"<TrainedCell small/relu_p0.1: {sizes}, 3 runs, lowest loss {loss}>"
    assert repr(cell.best) == f"<Network: relu at 1 − S = 0.1, {sizes}, the best run, loss {loss}>"
    found = superposition.dictionaries(trained, sizes=[5], penalties=[0.1], steps=1, progress=False)
    of_run = found["relu_p1"][2].dictionaries
    assert repr(of_run) == "<Dictionaries of run 2: 1, in .trained>"
    assert repr(of_run.trained) == "[<Dictionary: 5 latents, λ = 0.1>]"
    rows = [one._repr_html_().count("<tr>") for one in (trained, cell, cell.best)]
    assert rows == [1 + 2, 1 + 3, 1 + 4]
    named = TrainedCell("<b>/relu_p1", cell.weights)
    assert "<b>" not in named._repr_html_()


@pytest.mark.parametrize("model", MODELS)
def test_a_network_computes_what_its_torch_module_does(model):
    config = small(models=[model], feature_probability=[0.5], runs=1, training={"steps": 50})
    network = train(config, progress=False)[f"{model}_p0.5"].best
    module, x = network.to_torch(), torch.rand(3, 2, 4) - 0.3
    for ours, theirs in ((network.forward, module), (network.hidden, module.hidden)):
        np.testing.assert_allclose(ours(x), theirs(x).detach(), atol=1e-6)
    names = {name for name, _ in module.named_parameters()}
    assert names == {"W", "b", "W_out", "hidden_bias"} - {
        name for name in ("W_out", "hidden_bias") if getattr(network, name) is None
    }
    with pytest.raises(UserError, match=r"The shape of x is \[2\]; expected samples \[\.\.\., 4\]"):
        network.forward([1, 2])
    for none in (np.zeros((0, 4)), np.zeros((2, 0, 4))):
        assert network.hidden(none).shape == (*none.shape[:-1], 2)
        assert network.forward(none).shape == none.shape


def test_what_needs_torch_says_how_to_get_it(trained, monkeypatch):
    monkeypatch.setattr("superposition.base.environment.find_spec", lambda name: None)
    for call in (trained["relu_p1"].best.to_torch, lambda: train(small(), engine="torch")):
        with pytest.raises(
            UserError, match=r"needs torch, .*: pip install 'superposition\[torch\]'"
        ):
            call()


def test_claims_are_judged_on_what_is_trained_here(trained):
    found = superposition.judge(trained, ["C2"])
    assert "not tested: no relu model in experiment intro" in repr(found)
    with pytest.raises(UserError, match="no claim 'C0'; did you mean C"):
        superposition.judge(trained, ["C0"])


def test_tables_have_a_row_for_each_run_and_for_each_feature(trained):
    runs, features = trained.run_table(), trained.feature_table()
    assert list(runs) == list(runs_table([*trained.values()]))
    assert list(features) == list(features_table([*trained.values()]))
    assert len(runs) == 2 * 3
    assert runs.groupby("density")["is_best"].sum().tolist() == [1, 1]
    assert len(features) == 2 * 3 * 4
    length = features.query("density == 0.1 and run == 2")["norm"].to_numpy()
    np.testing.assert_array_equal(length, superposition.norms(trained["relu_p0.1"].W[2]))


def test_weights_are_read_as_they_were_saved(trained, tmp_path):
    again = superposition.read_weights(*trained.save(tmp_path))
    assert list(again) == list(trained)
    np.testing.assert_array_equal(again["relu_p1"].W, trained["relu_p1"].W)
    assert repr(again) == repr(trained)


def test_a_figure_of_one_experiment_is_plotted_of_any(trained, tmp_path):
    plotted = trained.plot("intro")
    picture, size = plotted._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert size["width"] == round(6.8 * 96)
    files = [path.name for path in plotted.save(tmp_path / "mine")]
    assert files == ["mine.svg", "mine.pdf", "mine.png", "mine.csv"]
    saved, table = pd.read_csv(tmp_path / "mine.csv"), pd.DataFrame(plotted.table)
    pd.testing.assert_frame_equal(saved, table, check_dtype=False)
    with pytest.raises(UserError, match="of which no dictionaries were given"):
        trained.plot("enumeration")


def test_a_figure_that_cannot_show_cells_says_of_what_size_they_are():
    with pytest.raises(
        UserError,
        match=r"cannot show these cells .*of n_features 4, n_hidden 3\): it is made for intro",
    ):
        train(small(n_hidden=3), progress=False).plot("intro")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda sp, it: sp.train({}), "config is {}; expected a configuration"),
        *(
            (lambda sp, it, t=t: sp.train(small(), threads=t), "threads is")
            for t in (-1, 0, 1.5, "2", True, float("nan"))
        ),
        *(
            (
                lambda sp, it, e=e: sp.train(small(), engine=e),
                f"engine is {e!r}; expected one of auto",
            )
            for e in ("gpu", "Fused", "", 0)
        ),
        (
            lambda sp, it: sp.train(small(), progress="no"),
            "progress is 'no'; expected True, False, what to call, or tqdm",
        ),
        (lambda sp, it: sp.train(small(), start=3), "start is 3; expected trained cells"),
        (
            lambda sp, it: sp.train(small(), start={"W": [[1], [1, 2]]}),
            "start['W'] is [[1], [1, 2]]",
        ),
        (
            lambda sp, it: sp.train(small(), start={"W": [[1j]]}),
            "expected an array of real numbers",
        ),
        (lambda sp, it: sp.read_config(3), "path is 3; expected a path"),
        (lambda sp, it: sp.read_config(ROOT / "config.yaml", 3), "overlays[0] is 3; expected"),
        (lambda sp, it: sp.read_config(ROOT / "config.yaml", only=3), "only is 3; expected a name"),
        (lambda sp, it: sp.read_weights(), "cells is []; expected trained cells, at least one"),
        (lambda sp, it: sp.read_weights(["a"]), "files[0] is ['a']; expected a path"),
        (
            lambda sp, it: sp.read_weights("a", dictionaries="b"),
            "dictionaries is 'b'; expected a list",
        ),
        (lambda sp, it: sp.Trained([*it.values()] * 2), "several cells small/relu_p1"),
        (lambda sp, it: sp.Trained(it), "expected trained cells"),
        (lambda sp, it: it.plot(3), "figure is 3; expected the name of a figure"),
        (lambda sp, it: it.save(None), "folder is None; expected a path"),
        (lambda sp, it: sp.judge(it, "C3"), "claims is 'C3'; expected a list of ids"),
        (lambda sp, it: sp.judge(it, 3), "claims is 3; expected a list of ids"),
        (lambda sp, it: sp.judge({"a": 1}), "trained is {'a': 1}; expected trained cells by name"),
        (
            lambda sp, it: sp.dictionaries({}, sizes=[1], penalties=[1]),
            "trained is {}; expected trained cells",
        ),
        (lambda sp, it: sp.constructed(5, 0.1), "structure is 5; expected the name"),
        (
            lambda sp, it: sp.constructed("pentagon", 0.1, n_hidden=0),
            "n_hidden is 0; expected a whole",
        ),
        (
            lambda sp, it: sp.constructed("pentagon", 0.1, n_features=2.5),
            "n_features is 2.5; expected",
        ),
    ],
)
def test_what_a_function_does_not_expect_is_refused_in_words(trained, call, words):
    with pytest.raises(UserError, match=re.escape(words)) as caught:
        call(superposition, trained)
    assert isinstance(caught.value, ValueError)


def test_what_would_not_be_used_is_no_argument():
    for ignored in ({"models": ["linear"]}, {"runs": 3}, {"feature_probability": [0.3]}):
        with pytest.raises(TypeError, match=next(iter(ignored))):
            superposition.constructed("pentagon", 0.1, **ignored)


@pytest.mark.parametrize("measure", [*superposition._MEASURES, "norms"])
@pytest.mark.parametrize(
    ("W", "found"),
    [
        (3.0, "The shape of W is []"),
        ([1.0, 2.0], "The shape of W is [2]"),
        ([[1], [2, 3]], "W is [[1], [2, 3]]"),
        ([["a"]], "W is [['a']]"),
        ([[1j]], "W is [[1j]]"),
        (None, "W is None"),
        (TrainedCell, "W is a TrainedCell"),
    ],
    ids=str,
)
def test_what_a_measure_cannot_measure_is_refused_in_words(unannotated, trained, measure, W, found):
    expected = (
        f"{found}; expected real numbers [..., n_hidden, n_features], such as W of a network."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        getattr(superposition, measure)(trained["relu_p1"] if W is TrainedCell else W)


def test_measures_of_what_has_diverged_are_not_numbers(unannotated):
    W = torch.tensor([[np.nan, 1.0], [0.0, 1.0]], requires_grad=True)
    for measure in ("norms", "interference", "feature_dimensionality"):
        assert np.isnan(getattr(superposition, measure)(W)[0])
    assert np.isnan(superposition.dimensions_per_feature(W))
