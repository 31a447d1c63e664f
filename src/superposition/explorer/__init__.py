"""The explorer: `results/explorer.html`, one file that holds all and asks for nothing.

Each scene shows trained networks of some experiments, and begins with what was found. `scenes` has
a module for each, which packs what it shows; `packing` makes that small, `page` puts it together;
`web/` has what runs in the browser.

The page is the same bytes for the same results.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """What a scene is; its module in `scenes` and its script in `web` have its name.

    Attributes:
        name: Its name, and its place in the page.
        title: What it is about, in a line.
        about: What can be done with it.
        experiments: Those whose networks it shows, as far as they are there.
        figures: Figures that show the same without a script.
    """

    name: str
    title: str
    about: str
    experiments: tuple[str, ...]
    figures: tuple[str, ...]


SCENES = (
    Scene(
        "five",
        "Five features in two dimensions",
        "Every trained network of the paper's first figure: its features as arrows, their "
        "overlaps WᵀW, their lengths and biases. Runs are ranked by loss. Point at a feature to "
        "mark it everywhere.",
        ("intro", "intro_notebook"),
        ("intro", "intro_notebook"),
    ),
    Scene(
        "train",
        "Train it here",
        "The same mathematics in your browser: eight networks from eight random starts, ranked by "
        "loss while they are trained. Choose the number of features and of dimensions, and how "
        "sparse features are.",
        ("intro",),
        ("intro",),
    ),
    Scene(
        "phase",
        "Superposition is a phase change",
        "There is one feature more than dimensions. The importance of this extra feature grows to "
        "the right, and features get sparser downwards. At each point: what theory says, and what "
        "all runs have found.",
        ("phase_two", "phase_three"),
        ("phase_two", "phase_three"),
    ),
    Scene(
        "geometry",
        "Features gather in polytopes",
        "Hundreds of equally important features: which part of a dimension each of them has, the "
        "graph of those that are not orthogonal, and each group of them in space.",
        ("geometry",),
        ("dimensionality", "dimensionality_notebook"),
    ),
    Scene(
        "films",
        "Learning, step by step",
        "Networks while they are trained: two sets of features that open into an octahedron, and "
        "features that jump from one dimensionality to another.",
        ("transformations", "energy_levels"),
        ("transformations", "energy_levels"),
    ),
    Scene(
        "neurons",
        "Neurons of one feature, and of several",
        "With a ReLU in the hidden layer, its dimensions are neurons. A column is a neuron, a "
        "rectangle in it a weight; the background shows whether a neuron has a single feature or "
        "several.",
        ("neurons", "neurons_between", "absolute"),
        ("neurons", "absolute"),
    ),
)
"""The scenes in the order of the page."""

EXPERIMENTS = tuple(dict.fromkeys(name for scene in SCENES for name in scene.experiments))
"""All experiments of which networks are shown."""

FIGURES = tuple(dict.fromkeys(name for scene in SCENES for name in scene.figures))
"""All figures that the page has links to, as far as they are there."""
