"""The same training in JAX: one compiled program draws, differentiates and updates, step by step.

JAX is no dependency of this package; where it is not installed, it is left out.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from superposition.benchmarks.cases import BATCH, Case
from superposition.benchmarks.timing import Work
from superposition.model import MODELS


def installed() -> bool:
    """Return whether there is a JAX to try."""
    return find_spec("jax") is not None


def platform() -> str:
    """Return what JAX runs on: cpu, gpu or tpu."""
    return str(import_module("jax").default_backend())


def train(case: Case, models: int, batch: int = BATCH) -> Work:
    """Return a compiled loop that trains several models at once, with AdamW.

    Models lie along the first axis of every array. The number of steps and the density are
    arguments of the compiled loop, so that it is compiled once for a size.
    """
    jax: Any = import_module("jax")
    lax, random = jax.lax, jax.random
    program = _program(case, models, batch)
    state = _start(case, models)
    density = jax.numpy.float32(case.density)

    def loop(state: Any, key: Any, steps: Any) -> Any:
        def one(number: Any, state: Any) -> Any:
            return program(state, random.fold_in(key, number), density)

        return lax.fori_loop(0, steps, one, state)

    compiled = jax.jit(loop)
    key = random.key(0)

    def run(steps: int) -> None:
        jax.block_until_ready(compiled(state, key, steps))

    return Work(run, models)


def _start(case: Case, models: int) -> Any:
    """Return parameters, both of Adam's means for each, and the number of steps taken."""
    jax: Any = import_module("jax")
    model = MODELS[case.model]
    keys = jax.random.split(jax.random.key(1), 2)
    shape = (models, case.m, case.n)
    parameters = {"W": 0.1 * jax.random.normal(keys[0], shape)}
    parameters["b"] = jax.numpy.zeros((models, 1, case.n))
    if not model.tied:
        parameters["W_out"] = 0.1 * jax.random.normal(keys[1], shape)
    if model.hidden_bias:
        parameters["c"] = jax.numpy.zeros((models, 1, case.m))
    zeros = {name: jax.numpy.zeros_like(p) for name, p in parameters.items()}
    return parameters, zeros, zeros, jax.numpy.float32(0.0)


def _program(case: Case, models: int, batch: int) -> Any:
    """Return the function of one step: state, random key and density to the next state."""
    jax: Any = import_module("jax")
    np: Any = jax.numpy
    model = MODELS[case.model]
    shape = (models, batch, case.n)

    def loss(parameters: Any, x: Any) -> Any:
        h = np.einsum("kbn,kmn->kbm", x, parameters["W"]) + parameters.get("c", 0.0)
        h = jax.nn.relu(h) if model.relu_hidden else h
        decoder = parameters["W" if model.tied else "W_out"]
        y = np.einsum("kbm,kmn->kbn", h, decoder) + parameters["b"]
        y = jax.nn.relu(y) if model.relu_output else y
        target = np.abs(x) if model.absolute else x
        return ((target - y) ** 2).mean(axis=(1, 2)).sum()

    def step(state: Any, key: Any, density: Any) -> Any:
        parameters, mean, square, done = state
        first, second = jax.random.split(key)
        low = -1.0 if case.values == "signed" else 0.0
        values = jax.random.uniform(first, shape, minval=low)
        x = np.where(jax.random.uniform(second, shape) <= density, values, 0.0)
        gradient = jax.grad(loss)(parameters, x)
        done = done + 1.0
        tree = jax.tree.map
        mean = tree(lambda a, g: 0.9 * a + 0.1 * g, mean, gradient)
        square = tree(lambda a, g: 0.999 * a + 0.001 * g * g, square, gradient)

        def update(p: Any, a: Any, s: Any) -> Any:
            change = (a / (1 - 0.9**done)) / (np.sqrt(s / (1 - 0.999**done)) + 1e-8)
            return p * (1 - 1e-3 * 0.01) - 1e-3 * change

        return tree(update, parameters, mean, square), mean, square, done

    return step
