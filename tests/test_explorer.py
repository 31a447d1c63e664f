"""The explorer: what it says and holds, and in a real browser what it does.

Pictures of it are left in $EXPLORER_PICTURES, if that is set, to be looked at; and axe-core checks
it as well, if $AXE names its axe.min.js.
"""

import base64
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cells
import chromium
import ideal
import ideal_dynamics
import ideal_geometry
import ideal_neurons
import ideal_phase
import numpy as np
import pytest

from superposition.explorer import EXPERIMENTS, SCENES
from superposition.explorer.packing import packed, ranked
from superposition.explorer.page import page
from superposition.explorer.scenes import films, five, phase
from superposition.figures import FIGURES
from superposition.measure import metrics
from superposition.measure.geometry import planar
from superposition.measure.network import TrainedCell
from superposition.sampling.sample import batch
from superposition.training import reference
from superposition.training.fused import initial_parameters
from superposition.training.layout import learning_rates

RELATIVE = (0.1, 1.0, 10.0)
LEVELS = {0.5: ideal_geometry.DIGON, 0.2: 0.985 * ideal_geometry.PENTAGON}


def weights():
    """A few networks of every experiment that is shown."""
    made = {
        **ideal.intro(learning_rate=0.01),
        **ideal_phase.diagram(1, rows=4, last=0.01, relative=RELATIVE),
        **ideal_phase.diagram(2, rows=4, last=0.01, relative=RELATIVE),
        **ideal_dynamics.transformations(),
        **ideal_dynamics.energy_levels(),
        **ideal_neurons.neurons(),
        **ideal_neurons.absolute(),
    }
    for density, shape in LEVELS.items():
        W = ideal_geometry.filled(shape, 40, 12)
        made[f"geometry/relu_p{density:g}"] = ideal.weights("relu", W, 0, density, 1.0)
    return {name: one for name, one in made.items() if name.partition("/")[0] in EXPERIMENTS}


WEIGHTS = weights()


def cells_of(made):
    return [TrainedCell(name, one) for name, one in made.items()]


@pytest.fixture(scope="module")
def text() -> str:
    return page(cells_of(WEIGHTS), FIGURES)


def finding(text: str, scene: str) -> str:
    section = text.split(f'<section class="scene" id="{scene}"')[1].split("</section>")[0]
    found = re.search('<p class="finding">(.*?)</p>', section)
    return found[1].replace("\N{NO-BREAK SPACE}", " ") if found else ""


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        ("five", "represents 2 at 1 − S = 1, 4 at 1 − S = 0.2 (two digons, one at zero) and 5 at"),
        ("five", "neighbours are 72° to 72° apart"),
        ("train", "All of 3 trainings of this build at 1 − S = 0.1 ended as a pentagon"),
        ("phase", "At 100 % of 12 points with two features and 100 % of 12 points with three"),
        ("geometry", "0.40 in pentagons (2/5) and 0.50 in digons (1/2)"),
        ("films", "as in PCA, then an antiprism of two right-angled triangles, then"),
        ("films", "10 of 10 runs end as an octahedron"),
        ("films", "in 3 of 5 runs: in the one shown 4 features in 2 events"),
        (
            "neurons",
            "Of 40 neurons that compute 100 absolute values, 40 respond to a single one at",
        ),
    ],
)
def test_every_scene_says_what_was_found_with_numbers_of_these_networks(text, scene, words):
    assert words in finding(text, scene)


def test_the_page_is_the_same_bytes_again_small_and_asks_for_nothing(text):
    assert page(cells_of(weights()), FIGURES) == text
    assert len(text.encode()) < 4e6
    policy = re.search('Content-Security-Policy" content="(.*?)"', text)[1]
    for name in ("script", "style"):
        content = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    links = set(re.findall('(?:href|src)="([^"]+)"', text))
    local = {link for link in links if not link.startswith(("#", "data:", "https://transformer"))}
    figures = {f"figures/{name}.svg" for scene in SCENES for name in scene.figures}
    claims = {f"report.html#{claim}" for name in FIGURES for claim in FIGURES[name].claims}
    assert figures <= local <= figures | claims | {"report.html"}


@pytest.mark.parametrize("there", [(), ("neurons",), ("absolute", "phase_three", "energy_levels")])
def test_a_scene_without_networks_says_so(there):
    made = {name: one for name, one in WEIGHTS.items() if name.partition("/")[0] in there}
    text = page(cells_of(made), ())
    for scene in SCENES:
        has_some = scene.name == "train" or not set(there).isdisjoint(scene.experiments)
        assert bool(finding(text, scene.name)) == has_some, scene.name
        assert (f'id="data-{scene.name}"' in text) == has_some
    assert text.count("These results have nothing to show here") >= len(SCENES) - 1 - len(there)
    assert "figures/" not in text


def test_networks_of_other_sizes_are_left_out_and_leave_the_rest():
    there = {
        "intro/relu_p0.1": cells.cell("relu", n=4, m=3),
        "phase_two/relu_p0.1": cells.cell("relu", n=4, m=2),
        "neurons/relu_hidden_p0.1": cells.cell("relu_hidden", n=1, m=2),
        "transformations/relu_p0.1": cells.cell("relu", n=7, m=3, snapshots=(1, 300)),
    }
    text = page(cells_of({name: cells.train_cell(one, range(2)) for name, one in there.items()}))
    assert "Of 2 neurons that give back 1 features" in finding(text, "neurons")


def test_cells_that_differ_in_more_than_density_have_names_of_their_own():
    one, six = cells.cell("relu", n=5, m=2), cells.cell("linear", n=6, m=2)
    made = {name: cells.train_cell(its, range(2)) for name, its in (("relu", one), ("linear", six))}
    its = cells_of({f"intro/{name}_p0.1": weights for name, weights in made.items()})
    names = [shown["name"] for shown in five.pack(its).data["cells"]]
    assert names == ["our recipe, relu, 5 features", "our recipe, linear, 6 features"]
    assert [shown["name"] for shown in five.pack(its[:1]).data["cells"]] == ["our recipe"]
    moving = {
        f"energy_levels/{model}_p0.3": cells.train_cell(
            cells.cell(model, n=4, m=3, snapshots=(1, 300)), range(2)
        )
        for model in ("relu", "linear")
    }
    places = [film["place"] for film in films.pack(cells_of(moving)).data["films"]]
    assert places == ["relu at 1 − S = 0.3", "linear at 1 − S = 0.3"]


def test_the_pentagons_widest_gap_may_be_anywhere():
    turns = np.deg2rad([0, 70, 141, 212, 283])
    W = 0.985 * np.stack([np.cos(turns), np.sin(turns)])
    text = page(cells_of({"intro/relu_p0.1": ideal.weights("relu", W, 0, 0.1, 1.0)}))
    assert "neighbours are 70° to 77° apart" in finding(text, "five")


def test_losses_of_networks_that_are_theory_s_solutions_are_theory_s():
    def numbers(array):
        found = np.frombuffer(base64.b64decode(array["base64"]), f"<{array['kind']}")
        return found.reshape(array["shape"])

    made = ideal_phase.diagram(1, rows=4, last=0.01, relative=RELATIVE)
    [diagram] = phase.pack(cells_of(made)).data["diagrams"]
    theory = np.min([numbers(solution["loss"]) for solution in diagram["solutions"]], axis=0)
    assert np.allclose(numbers(diagram["loss"])[..., 0], theory, rtol=1e-5)


def test_a_film_has_the_best_run_the_worst_and_the_figure_s_among_others_between(monkeypatch):
    monkeypatch.setattr(films.energy_levels, "shown", lambda watched: 5)
    made = ideal_dynamics.energy_levels(quiet=20)
    [film] = films.pack(cells_of(made)).data["films"]
    shown, *others = [run["rank"] for run in film["runs"]]
    assert (shown, len(others)) == (6, 7)
    assert others == sorted(others)
    assert (others[0], others[-1]) == (1, 23)


def diverging(one, runs):
    """The same with these runs diverged."""
    loss, W = one.loss.copy(), one.W.copy()
    loss[runs], W[runs] = np.nan, np.nan
    return replace(one, loss=loss, final=replace(one.final, W=W))


def test_runs_that_diverged_are_left_out_and_told():
    made = {name: diverging(one, [1]) for name, one in WEIGHTS.items()}
    made["intro/relu_p1"] = diverging(WEIGHTS["intro/relu_p1"], [0, 1, 2])
    text = page(cells_of(made))
    assert "NaN" not in text.split('id="worker"')[0].replace('"base64"', "")
    for scene in SCENES:
        if scene.name != "train":
            assert "diverged and are left out, of" in text.split(f'id="{scene.name}"')[1]
    # The best one had been the middle run, and a whole density is gone.
    assert "represents 4 at 1 − S = 0.2" in finding(text, "five")
    first, *_, last = WEIGHTS["intro/relu_p0.1"].runs
    left = ranked(TrainedCell("intro/relu_p0.1", made["intro/relu_p0.1"]))
    assert sorted(run.run for run in left) == [first, last]
    # A loss beyond all bounds is no number that somebody could learn from either.
    lost = replace(WEIGHTS["intro/relu_p0.1"], loss=np.array([0.1, 5000.0, 0.2]))
    assert [run.run for run in ranked(TrainedCell("intro/relu_p0.1", lost))] == [first, last]


# In a browser.

PROGRAM = chromium.find()
seen = pytest.mark.skipif(PROGRAM is None, reason="no Chromium: apt-get install chromium")
MATHEMATICS = "globalThis.superposition"
WAIT = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))"
WRITTEN = "new Promise(done => setTimeout(done, 400))"
DRAWN = """new Promise(done => (function look() {
  const all = [...document.querySelectorAll("svg[role=img]")];
  setTimeout(all.every(one => one.hasAttribute("aria-label")) ? done : look, 30);
})())"""


@pytest.fixture(scope="module")
def file(text, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("results") / "explorer.html"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[chromium.Browser]:
    with chromium.browser(tmp_path_factory.mktemp("browser"), PROGRAM) as started:
        yield started


@seen
@pytest.mark.parametrize(
    ("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)]
)
def test_it_opens_without_a_complaint_fits_the_screen_and_can_be_read(
    browser, file, tmp_path, width, dark
):
    browser.open(file, width, dark=dark)
    browser.evaluate(DRAWN)
    assert browser.complaints == []
    assert [url for url in browser.requests if not url.startswith("blob:")] == [file.as_uri()]
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ratio, where = browser.evaluate(
        Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
    )
    assert ratio >= 4.5, where
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    told = [(n["role"]["value"], n.get("name", {}).get("value")) for n in nodes if "role" in n]
    roles = ("image", "slider", "combobox", "checkbox", "button", "link", "progressbar")
    assert [role for role, name in told if role in roles and not name] == []
    # Every scene is drawn, and nothing stands for a number that is none.
    for scene in SCENES:
        stage = f"document.querySelector('#{scene.name} .stage')"
        assert browser.evaluate(f"{stage}.querySelectorAll('svg[role=img] > *').length") > 20
        assert not browser.evaluate(f"/NaN|undefined/.test({stage}.innerHTML)"), scene.name
    if axe := os.environ.get("AXE"):
        browser.evaluate(Path(axe).read_text(encoding="utf-8") + "; 0")
        assert browser.evaluate("axe.run().then(found => found.violations.map(v => v.id))") == []
    pictures = Path(os.environ.get("EXPLORER_PICTURES", tmp_path))
    for scene in SCENES:
        browser.evaluate(f"document.getElementById('{scene.name}').scrollIntoView()")
        browser.evaluate(WAIT)
        browser.picture(pictures / f"{scene.name}-{width}-{'dark' if dark else 'light'}.png")


KEYS = {"range": "ArrowRight", "select-one": "ArrowDown", "checkbox": " "}
SHOWN = """JSON.stringify([...document.querySelectorAll('.controls input, .controls select')].map(
    control => [control.id, control.type === 'checkbox' ? control.checked : control.value]))"""


@seen
@pytest.mark.parametrize("scene", [scene.name for scene in SCENES])
def test_every_control_works_by_keyboard_and_what_is_chosen_survives_a_reload(browser, file, scene):
    browser.open(file)
    controls = f"document.querySelectorAll('#{scene} .controls :is(input, select)')"
    for number in range(browser.evaluate(f"{controls}.length")):
        control = f"{controls}[{number}]"
        kind, place = browser.evaluate(f"{control}.focus(), [{control}.type, {control}.id]")
        before = browser.evaluate(SHOWN)
        browser.press(KEYS[kind])
        if browser.evaluate(SHOWN) == before:  # it was at its end
            browser.press("ArrowLeft")
        if browser.evaluate(f"{control}.max === '0' || {control}.options?.length === 1"):
            continue
        assert browser.evaluate(SHOWN) != before, place
        until(browser, f"location.hash.includes('{place.replace('-', '.')}=')")
        assert browser.evaluate("location.hash").startswith(f"#{scene}&"), place
    for number in range(browser.evaluate(f"document.querySelectorAll('#{scene} button').length")):
        browser.evaluate(f"document.querySelectorAll('#{scene} button')[{number}].focus()")
        browser.press("Enter")
    browser.evaluate(WRITTEN)
    chosen, address = browser.evaluate(SHOWN), browser.evaluate("location.hash")
    said = browser.evaluate(f"document.querySelector('#{scene} .readout').textContent")
    assert said
    browser.open(file, fragment=address)
    browser.evaluate(WAIT)
    if scene != "films":  # which was playing
        assert browser.evaluate(SHOWN) == chosen
    assert browser.evaluate("location.hash") == address
    assert browser.evaluate(f"document.getElementById('{scene}').getBoundingClientRect().top") < 100
    assert browser.complaints == []


@seen
def test_what_is_pointed_at_is_marked_and_a_click_chooses(browser, file):
    browser.open(file)
    faded = "document.querySelectorAll('#five .faded').length"
    arrow = "document.querySelector('#five [data-feature=\"2\"]')"
    browser.evaluate(f"{arrow}.dispatchEvent(new PointerEvent('pointerover', {{bubbles: true}}))")
    assert browser.evaluate(faded) == 4 + 16 + 4  # arrows, cells of WᵀW, bars
    assert "Feature 3" in browser.evaluate("document.querySelector('#five .readout').textContent")
    for scene, what, address in (
        ("five", ".run:not(.chosen)", "five.rank=1"),
        ("geometry", ".hit:nth-last-of-type(1)", "geometry.level=1"),
        ("geometry", ".group:not(.chosen)", "geometry.group=1"),
        ("neurons", ".neuron", "neurons.neuron=1"),
    ):
        browser.evaluate(
            f"document.querySelector('#{scene} {what}')"
            ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
        )
        until(browser, f"location.hash.includes('{address}')")


@seen
def test_a_film_of_six_dimensions_is_seen_along_the_same_axes_throughout(browser, file):
    browser.open(file, fragment="#films&films.film=1&films.turning=false")
    frames = browser.evaluate(
        """(() => {
            const data = JSON.parse(document.getElementById("data-films").textContent).films[1];
            const {unpack, at} = globalThis.superposition, W = unpack(data.W);
            const slider = document.getElementById("films-frame"), found = [];
            for (let frame = 0; frame < data.steps.length; frame += 9) {
                slider.value = frame;
                slider.dispatchEvent(new Event("input"));
                const spots = [...document.querySelector("#films svg").querySelectorAll("g")]
                    .sort((a, b) => a.dataset.feature - b.dataset.feature)
                    .map(one => ["cx", "cy"].map(key =>
                        Number(one.querySelector("circle").getAttribute(key))));
                found.push([at(W, 0, frame), spots]);
            }
            return found;
        })()"""
    )
    W, spots = (np.array(one) for one in zip(*frames, strict=True))
    assert W.shape[1:] == (6, 12)
    directions = W.transpose(0, 2, 1).reshape(-1, 6)
    known = np.column_stack([directions, np.ones(len(directions))])
    spots = spots.reshape(-1, 2)
    place = np.linalg.lstsq(known, spots, rcond=None)[0]
    assert np.abs(known @ place - spots).max() < 0.01
    assert np.ptp(spots) > 50


@seen
def test_links_keep_what_is_chosen_and_what_is_trained_and_make_no_history(browser, file):
    browser.open(file, fragment="#train&five.rank=1")
    browser.evaluate("globalThis.isStillHere = true")
    before = browser.evaluate("history.length")
    for scene in ("geometry", "five", "five"):
        browser.evaluate(f"document.querySelector('nav a[href=\"#{scene}\"]').click()")
        browser.evaluate(WAIT)
        assert browser.evaluate("location.hash") == f"#{scene}&five.rank=1"
    assert browser.evaluate("[history.length, globalThis.isStillHere]") == [before, True]
    # An address that is typed is another view, with choices or without.
    browser.evaluate("location.hash = '#five'")
    until(browser, "!globalThis.isStillHere && document.readyState === 'complete'")
    assert browser.evaluate("document.getElementById('five-rank').value") == "0"


@seen
def test_choices_of_another_model_survive_a_reload(browser, file):
    browser.open(file)
    choose = """((id, value) => {
        const control = document.getElementById(id);
        control.value = value;
        control.dispatchEvent(new Event(control.type === "range" ? "input" : "change"));
    })"""
    last = int(browser.evaluate("document.getElementById('films-frame').max"))
    for name, value in (("films-film", "1"), ("films-frame", str(last))):
        browser.evaluate(f"{choose}('{name}', '{value}')")
    last = int(browser.evaluate("document.getElementById('neurons-density').max"))
    for name, value in (("neurons-model", "1"), ("neurons-density", "0"), ("neurons-model", "0")):
        browser.evaluate(f"{choose}('{name}', '{value}')")
    browser.evaluate(WRITTEN)
    chosen, address = browser.evaluate(SHOWN), browser.evaluate("location.hash")
    assert ["neurons-density", str(last)] in json.loads(chosen)
    browser.open(file, fragment=address)
    assert browser.evaluate(SHOWN) == chosen


@seen
def test_an_address_is_written_seldom_and_what_is_chosen_last_is_in_it(browser, file):
    browser.open(file)
    written = browser.evaluate(
        """(() => {
            let count = 0;
            const write = history.replaceState.bind(history);
            history.replaceState = (...all) => { count += 1; write(...all); };
            const slider = document.getElementById("phase-row");
            for (let k = 0; k < 60; k++) {
                slider.value = k % 4;
                slider.dispatchEvent(new Event("input"));
            }
            return new Promise(done => setTimeout(() => done(count), 700));
        })()"""
    )
    assert written < 15
    assert browser.evaluate("location.hash") == "#phase&phase.row=3"


@seen
def test_a_film_that_is_paused_and_played_at_once_is_not_faster(browser, file):
    browser.open(file, fragment="#films&films.frame=0")
    place = browser.evaluate(
        """(() => {
            const [play] = document.querySelectorAll("#films button");
            for (let k = 0; k < 9; k++) play.click();
            return new Promise(done => setTimeout(() => {
                play.click();
                done(Number(document.getElementById("films-frame").value));
            }, 600));
        })()"""
    )
    assert 5 <= place <= 5 + 600 / 40


@seen
def test_a_point_of_a_phase_diagram_is_told_under_the_mouse_and_kept_by_a_click(browser, file):
    browser.open(file)
    diagram = "document.querySelectorAll('#phase .pointed svg')[1]"
    said = "document.querySelector('#phase .readout').textContent"
    x, y, width = browser.evaluate(
        f"{diagram}.scrollIntoView({{block: 'center', behavior: 'instant'}}),"
        f"(box => [box.left, box.top, box.width])({diagram}.getBoundingClientRect())"
    )

    def mouse(kind, x, y):
        there = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
        browser.call("Input.dispatchMouseEvent", **there)

    before, corner = browser.evaluate(said), (x + width - 30, y + 20)
    mouse("mouseMoved", *corner)
    under = browser.evaluate(said)
    assert under.startswith("At importance 10 and 1 − S = 1 theory leaves another feature out")
    mouse("mouseMoved", 1, 1)
    assert browser.evaluate(said) == before
    for kind, place in (
        ("mousePressed", corner),
        ("mouseReleased", corner),
        ("mouseMoved", (1, 1)),
    ):
        mouse(kind, *place)
    assert browser.evaluate(said) == under
    until(browser, "location.hash.includes('phase.column=2&phase.row=0')")


@seen
def test_without_javascript_it_says_what_it_would_show_and_has_links_to_figures(browser, file):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(file)
        nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    told = " ".join(str(node.get("name", {}).get("value")) for node in nodes)
    assert told.count("With JavaScript switched off") >= len(SCENES)
    for scene in SCENES:
        assert (
            FIGURES[scene.figures[0]].title.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}") in told
        )


@seen
def test_its_measures_are_those_of_the_package(browser, file):
    browser.open(file)
    random = np.random.default_rng(0)
    W = [random.normal(size=(m, n)) for m, n in [(1, 2), (2, 5), (3, 8), (5, 20), (20, 40)]]
    W += [cell.best.W for cell in cells_of(WEIGHTS)[:5]]
    names = {
        "gram": metrics.gram,
        "norms": metrics.norms,
        "interference": metrics.interference,
        "dimensionality": metrics.feature_dimensionality,
    }
    for one in W:
        for name, measure in names.items():
            found = browser.evaluate(f"{MATHEMATICS}.{name}({json.dumps(one.tolist())})")
            assert np.allclose(found, measure(one), rtol=1e-12, atol=1e-12), name
    squares = [0, 90, 180, 270], [0, 70, 180, 250], [0, 80, 175, 262]
    for degrees in (*squares, [0, 72, 144, 216, 288], [10, 190]):
        turns = np.deg2rad(degrees)
        plane = np.stack([np.cos(turns), np.sin(turns)])
        shape = browser.evaluate(f"{MATHEMATICS}.planarShape({json.dumps(plane.tolist())}).name")
        assert (shape.removeprefix("a ") or planar.OTHER) == planar.classify(plane)


@seen
@pytest.mark.parametrize("kind", ["f2", "f4"])
def test_what_is_packed_is_unpacked(browser, file, kind):
    browser.open(file)
    values = np.array([[0, -1, 3], [7, 200, 5]]) / 8
    array = json.dumps(packed(values, kind))
    assert browser.evaluate(f"{MATHEMATICS}.at({MATHEMATICS}.unpack({array}))") == values.tolist()


@seen
@pytest.mark.parametrize("model", ["relu", "linear"])
def test_it_trains_as_the_package_does(browser, file, model):
    """From the same start on the same batches; to rounding, as the package has float32."""
    recipe = {"optimizer": "adam", "weight_decay": 0.0, "schedule": "cosine", "steps": 20}
    cell = cells.cell(model, 5, 2, batch=64, learning_rate=0.01, **recipe)
    trained = reference.train(cell, range(1), threads=1).final
    begun = initial_parameters(cell, 0)
    start = np.concatenate([begun.W.ravel(), begun.b.ravel()]).tolist()
    batches = [batch(cell, 0, step).ravel().tolist() for step in range(20)]
    used = cell.training
    settings = {
        **{"n": 5, "m": 2, "importance": cell.model.importance, "isLinear": model == "linear"},
        **{"beta1": used.beta1, "beta2": used.beta2, "epsilon": used.epsilon},
    }
    browser.open(file)
    found = browser.evaluate(
        f"""(() => {{
            const training = new {MATHEMATICS}.Training({json.dumps(settings)}, {start});
            const rates = {learning_rates(used).tolist()};
            {batches}.forEach((batch, step) => training.step(batch, rates[step]));
            return [training.W, training.b];
        }})()"""
    )
    for ours, theirs, begin in zip(found, (trained.W, trained.b), (begun.W, begun.b), strict=True):
        assert np.allclose(ours, theirs[0], atol=1e-5)
        assert np.abs(theirs - begin).max() > 0.01


@seen
@pytest.mark.parametrize("density", [1.0, 0.1, 0.01])
def test_losses_of_the_page_s_training_are_the_expected_ones(browser, file, text, density):
    n, W = 5, 0.985 * ideal_geometry.PENTAGON
    settings = {"n": n, "m": 2, "importance": [1.0] * n, "isLinear": False, "density": density}
    settings |= {"batch": 1, "starts": 0, "seed": 0}
    source = re.search('id="worker">(.*?)</script>', text, re.DOTALL)[1]
    browser.open(file)
    found = browser.evaluate(
        f"""(() => {{
            {source}
            const settings = {json.dumps(settings)};
            const training = new Training(settings, {[*W.ravel().tolist(), *[0.05] * n]});
            return expectedLoss(training, begin(settings));
        }})()"""
    )
    random = np.random.default_rng(0)
    x = random.random((2_000_000, n), dtype=np.float32)
    x *= random.random(x.shape, dtype=np.float32) < density
    y = np.maximum(x @ (W.T @ W).astype(np.float32) + np.float32(0.05), 0)
    assert found == pytest.approx(float(np.mean((x - y) ** 2)), rel=0.05)


@seen
def test_training_in_the_page_finds_a_pentagon_and_can_be_paused(browser, file):
    browser.open(file, fragment="#train&train.steps=1000")
    button = "document.querySelector('#train button')"
    until(browser, f"{button}.textContent === 'Pause'")  # it begins by itself
    browser.evaluate(f"{button}.click()")
    assert browser.evaluate(f"{button}.textContent") == "Train"
    browser.evaluate(f"{button}.click()")
    until(browser, f"{button}.textContent === 'Train again'")
    said = browser.evaluate("document.querySelector('#train .readout').textContent")
    assert "5 of 5 features longer than a half, as a pentagon" in said
    said = browser.evaluate("[...document.querySelectorAll('.starts p')].map(p => p.textContent)")
    losses = [float(words.rpartition(" ")[2]) for words in said]
    assert losses == sorted(losses)
    assert len(losses) == 8
    assert losses[0] == pytest.approx(0.0042, rel=0.15)


def until(browser, condition: str) -> None:
    end = time.monotonic() + 90
    while not browser.evaluate(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.05)
