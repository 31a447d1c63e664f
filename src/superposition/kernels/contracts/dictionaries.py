"""Hidden activations, and the sparse autoencoders that learn from them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.kernels.contracts.training import Recipe


class Encoding(NamedTuple):
    """Samples whose hidden activations are wanted."""

    n: int
    m_padded: int
    samples: int
    x: NDArray[np.float32]
    """Features `[samples, n]`."""
    W: NDArray[np.float32]
    """W by feature `[n, m̄]`."""
    h: NDArray[np.float32]
    """Where to write W x, `[samples, m̄]`."""


class Autoencoder(NamedTuple):
    """A dictionary, and the activations that it is to learn from or to be looked at on."""

    m: int
    m_padded: int
    latents: int
    latents_padded: int
    """Latents in memory, a multiple of 16."""
    samples: int
    h: NDArray[np.float32]
    """Hidden activations `[samples, m̄]`."""
    p: NDArray[np.float32]
    """Parameters, one after the other: E and D `[latents, m̄]`, c `[l̄]`, d `[m̄]`, θ `[l̄]`."""
    mean: NDArray[np.float32]
    square: NDArray[np.float32]
    gradient: NDArray[np.float32]
    """Gradient of the parameters; `mean` and `square` are Adam's, as in training."""
    turned: NDArray[np.float32]
    """E by hidden dimension, `[m, l̄]`."""
    f: NDArray[np.float32]
    """Scratch: E h + c of a sample, `[l̄]`, which the latents are where they are active."""
    error: NDArray[np.float32]
    """Scratch: ĥ − h of a sample, `[m̄]`."""
    active: NDArray[np.int64]
    """Scratch: which latents are active, `[latents]`."""
    recipe: Recipe
    penalty: np.float32
    """λ, the price of how large latents are."""
    price: np.float32
    """μ, that of each active latent."""
    most: int
    """Latents that are active in a sample at most; as many as there are for no limit."""
    bandwidth: np.float32
    """Width of the window around θ in which it is learned; 0 leaves θ as it is."""
    step: NDArray[np.int64]
    """The step, from 0, [1]."""
    learning: bool
    """Whether to learn, or only to look."""
    fired: NDArray[np.int64]
    """How often each latent was active, when looking, `[latents]`."""
    totals: NDArray[np.float64]
    """Σ ‖h − ĥ‖², Σ ‖h‖² and Σ f, when looking, [3]."""
