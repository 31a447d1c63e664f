"""`import superposition` in a notebook or a script."""

import os
import re
import signal
import subprocess
import sys
import types
from pathlib import Path

import ideal
import numpy as np
import pytest

import superposition
from superposition import evaluation, public
from superposition.claims import Outcome, introduction, judge
from superposition.data import generate
from superposition.digests import closure
from superposition.errors import UserError
from superposition.interactive import train
from superposition.progress import NotebookProgress, Progress, for_people
from superposition.signatures import STAGES
from superposition.training import train as train_runs
from superposition.weights import save

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


def readme_example():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"<!-- library:start -->\n```python\n(.*?)```", text, re.DOTALL)
    return found


def test_the_example_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(readme_example(), "README.md", "exec"), names)
    told = capsys.readouterr()
    assert "3 trained cells" in told.out
    assert "48 of 48 runs trained" in told.err
    np.testing.assert_allclose(superposition.feature_dimensionality(names["W"]), 0.4, atol=0.02)
    assert len(names["table"]) == 3 * 16 * 5
    assert {path.suffix for path in tmp_path.iterdir()} == {".svg", ".pdf", ".png"}
    assert len(readme_example().splitlines()) <= 12


def test_importing_the_package_loads_nothing():
    script = "import sys, superposition; dir(superposition); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    heavy = {"numpy", "torch", "numba", "pandas", "matplotlib", "pydantic", "yaml"}
    assert not heavy & set(done.stdout.split())


def test_training_loads_neither_pandas_nor_matplotlib_nor_torch():
    script = "import sys, superposition; superposition.train; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not {"pandas", "matplotlib", "torch"} & set(done.stdout.split())


def test_what_is_offered_is_there_and_editors_are_told_the_same():
    for name in public.MODULES:
        assert callable(getattr(superposition, name))
        assert name in dir(superposition)
    stub = (ROOT / "src/superposition/__init__.pyi").read_text(encoding="utf-8")
    told = re.findall(r"^from (superposition\.\w+) import (\w+) as \2$", stub, re.MULTILINE)
    assert {name: module for module, name in told} == public.MODULES
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        superposition.nothing  # noqa: B018


def test_no_stage_of_the_workflow_depends_on_the_library():
    modules = {f"superposition.{name}" for stage in STAGES.values() for name in stage.modules}
    reached = closure(*modules)
    assert "superposition.weights" in reached
    assert not {f"superposition.{name}" for name in ("interactive", "trained", "public")} & reached


def test_weights_are_the_bytes_of_the_workflow(trained, tmp_path):
    for number, (name, cell) in enumerate(small().cells().items()):
        chunks = [tmp_path / f"{number}-{k}.safetensors" for k in (0, 1)]
        for file, runs in zip(chunks, (range(2), range(2, 3)), strict=True):
            # As the training stage does.
            alone = cell.model_copy(update={"runs": runs[-1] + 1, "evaluation_samples": 1})
            save(file, train_runs(alone, runs))
        sample = tmp_path / f"{number}.sample"
        generate(cell.features, cell.seed, cell.evaluation_samples).save(sample)
        evaluation.export(chunks, sample, tmp_path / f"{number}.safetensors")
        (file,) = (f for f in trained.save(tmp_path / "ours") if f.stem == name.split("/")[1])
        assert file.read_bytes() == (tmp_path / f"{number}.safetensors").read_bytes()


def test_a_row_of_a_phase_diagram_is_trained_at_all_its_points():
    config = small(feature_probability=[0.5], relative_importance=[0.5, 2.0], runs=2)
    rows = train(config, progress=False, threads=2)
    (weights,) = rows.values()
    assert weights.W.shape == (4, 2, 4)
    assert np.isfinite(weights.loss).all()
    assert rows.run_table()["relative_importance"].tolist() == [0.5, 0.5, 2.0, 2.0]
    assert "2 runs at each of 2 points" in repr(rows)


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
    ("changes", "message"),
    [
        ({"n_feature": 5}, "experiment: n_feature is not a key of an experiment; did you mean"),
        ({"n_hidden": 0}, "experiment: n_hidden is 0; expected a whole number of at least 1."),
        ({"feature_probability": [1.5]}, r"feature_probability[0] is 1.5"),
        ({"feature_probability": np.array([0.1, 0.1])}, "expected each number once"),
        ({"training": {"step": 3}}, "experiment: training.step is not a key"),
    ],
)
def test_mistakes_are_told_as_those_in_the_configuration(changes, message):
    with pytest.raises(superposition.ConfigError, match=re.escape(message)):
        small(**changes)


def test_nobody_is_told_about_yaml_who_wrote_none():
    with pytest.raises(superposition.ConfigError) as caught:
        small(n_hidden=True, training={"learning_rate": "1e-3"})
    assert str(caught.value).splitlines() == [
        "experiment: n_hidden is true; expected a whole number of at least 1.",
        "experiment: training.learning_rate is '1e-3'; expected a number above 0.",
    ]


def test_a_missing_key_is_named():
    with pytest.raises(superposition.ConfigError, match="experiment: n_hidden is missing"):
        superposition.experiment(models=["relu"], n_features=3)


def test_experiments_are_read_from_the_configuration(monkeypatch):
    monkeypatch.chdir(ROOT)
    config = superposition.read_config(
        "config.yaml", {"training": {"steps": np.int64(7)}}, only="intro"
    )
    assert list(config.cells()) == ["intro/relu_p1", "intro/relu_p0.2", "intro/relu_p0.1"]
    assert config.training_of("intro").steps == 7
    with pytest.raises(superposition.ConfigError, match="did you mean intro"):
        superposition.read_config(only=["intr"])


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
    weights = part["relu_p1"]
    assert 1 <= len(weights.runs) < 4
    assert np.isfinite(weights.loss).all()
    assert weights.cell.runs == len(weights.runs)
    alone = train_runs(config.cells()["small/relu_p1"], [0])
    np.testing.assert_array_equal(weights.W[0], alone.W[0])
    assert f"relu_p1: {len(weights.runs)} of 4 runs" in repr(part)
    assert "relu_p0.1: none of 4 runs" in repr(part)
    with pytest.raises(KeyError, match="interrupted"):
        part["relu_p0.1"]


def test_an_interruption_before_anything_is_finished_goes_on():
    with pytest.raises(KeyboardInterrupt):
        interrupted(small(training={"steps": 10**6}), at=1)


def test_what_goes_wrong_in_a_run_ends_the_training():
    def progress(done, total):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        train(small(), progress=progress)


def test_progress_is_told_in_steps_of_all_runs():
    seen = []
    train(small(), threads=2, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2 * 3 * 600, 2 * 3 * 600)
    assert seen == sorted(seen)


def test_a_notebook_shows_one_bar(monkeypatch):
    shown = []

    class Handle:
        def update(self, progress):
            shown.append(progress._repr_html_())

    def display(progress, *, display_id):
        assert display_id
        return Handle()

    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=None)
    module = types.ModuleType("IPython.display")
    module.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
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
    both = superposition.Trained({**trained, "other/relu_p1": trained["relu_p1"]})
    with pytest.raises(KeyError, match="any of small/relu_p1, other/relu_p1"):
        both["relu_p1"]


def test_tables_have_a_row_for_each_run_and_for_each_feature(trained):
    runs, features = trained.run_table(), trained.feature_table()
    place = ["experiment", "feature_probability", "model", "density", "run"]
    assert list(runs)[:6] == [*place, "loss"]
    assert list(features)[:4] == [name for name in place if name != "feature_probability"]
    assert len(runs) == 2 * 3
    assert runs.groupby("density")["is_best"].sum().tolist() == [1, 1]
    assert len(features) == 2 * 3 * 4
    length = features.query("density == 'p0.1' and run == 2")["norm"].to_numpy()
    np.testing.assert_array_equal(length, superposition.norms(trained["relu_p0.1"].W[2]))


def test_weights_are_read_as_they_were_saved(trained, tmp_path):
    again = superposition.read_weights(*trained.save(tmp_path))
    assert list(again) == list(trained)
    np.testing.assert_array_equal(again["relu_p1"].W, trained["relu_p1"].W)
    assert repr(again) == repr(trained)


def test_a_figure_of_dictionaries_says_that_they_are_not_there(trained):
    with pytest.raises(UserError, match="Figure enumeration shows dictionaries"):
        trained.plot("enumeration")


def test_a_figure_of_one_experiment_is_drawn_of_any(trained, tmp_path):
    drawing = trained.plot("intro")
    picture, size = drawing._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert size["width"] == round(6.8 * 96)
    assert [path.name for path in drawing.save(tmp_path / "mine")] == [
        "mine.svg",
        "mine.pdf",
        "mine.png",
    ]
    with pytest.raises(UserError, match=r"no figure 'intr'; did you mean intro"):
        trained.plot("intr")


def test_claims_are_judged_on_what_was_trained():
    verdicts = judge(superposition.Trained(ideal.intro()), introduction.CLAIMS)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.REPLICATES}
