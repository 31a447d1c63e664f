"""The two-dimensional colours of phase diagrams: how long a feature is, how much it shares."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

ABSENT, ALONE, SHARED = (np.array(to_rgb(c)) for c in ("#DDDDDD", "#003399", "#DD4444"))
"""Corners of the colours: of no length; of length 1, with a dimension of its own or sharing one."""
OTHERS_SHARE = np.array(to_rgb("#2255BB"))
"""In theory: the extra feature alone, while two others share."""


def colours(
    norm: Float[np.ndarray, "*shape"], shared: Float[np.ndarray, "*shape"]
) -> Float[np.ndarray, "*shape 3"]:
    """Return the colour of a feature's length and superposition, both clipped at 1.

    Grey if it has no length, whatever its direction; else from blue, if it has a dimension of its
    own, to red, if it shares one.
    """
    length, mix = (np.clip(v, 0.0, 1.0)[..., None] for v in (norm, shared))
    hue = (1.0 - mix) * ALONE + mix * SHARED
    mixed: np.ndarray = (1.0 - length) * ABSENT + length * hue
    return mixed


def colour_key(axes: Axes) -> None:
    """Draw all colours over both of their dimensions."""
    shared, norm = np.meshgrid(np.linspace(0, 1, 128), np.linspace(0, 1, 128))
    axes.imshow(
        np.round(colours(norm, shared) * 255).astype(np.uint8), origin="lower", extent=(0, 1, 0, 1),
        interpolation="none", aspect="auto",
    )  # fmt: skip
    axes.set_xticks([0, 1], ["0", "≥ 1"])
    axes.set_yticks([0, 1], ["0", "≥ 1"])
    axes.spines[:].set(visible=True)
    axes.set_ylabel(r"$\Vert W_e \Vert$", labelpad=-2)
    axes.set_xlabel(r"$\Sigma_{j \neq e} (\hat{W}_e \cdot W_j)^2$", labelpad=-1)
