"""The same training in JAX: one compiled program draws, differentiates and updates, step by step.

JAX is no dependency of this package: `pip install jax` beside it to have it compared.
"""

from functools import partial
from importlib import import_module
from typing import Any

from benchmarks.contestants import BATCH, Case, Work


def prepare(case: Case, models: int) -> Work:
    """A compiled loop that trains several models at once, each by `vmap` of one, with AdamW."""
    jax: Any = import_module("jax")
    program = partial(_step, jax, case)

    def many(state: Any, key: Any, steps: Any) -> Any:
        def one(number: Any, state: Any) -> Any:
            keys = jax.random.split(jax.random.fold_in(key, number), models)
            return jax.vmap(program)(state, keys)

        return jax.lax.fori_loop(0, steps, one, state)

    compiled = jax.jit(many)
    key = jax.random.key(0, impl="rbg")
    scale = (2.0 / (case.n + case.m)) ** 0.5
    W = scale * jax.random.normal(jax.random.key(1), (models, case.m, case.n))
    parameters = {"W": W, "b": jax.numpy.zeros((models, case.n))}
    zeros = jax.tree.map(jax.numpy.zeros_like, parameters)
    state = (parameters, zeros, zeros, jax.numpy.zeros(models))
    return Work(lambda steps: jax.block_until_ready(compiled(state, key, steps)), models)


def _step(jax: Any, case: Case, state: Any, key: Any) -> Any:
    """One model's parameters, both of Adam's means and the number of steps, a step later."""
    parameters, mean, square, done = state
    first, second = jax.random.split(key)
    values = jax.random.uniform(first, (BATCH, case.n))
    active = jax.random.uniform(second, (BATCH, case.n)) <= case.density
    x = jax.numpy.where(active, values, 0.0)

    def loss(parameters: Any) -> Any:
        W, b = parameters["W"], parameters["b"]
        return ((x - jax.nn.relu(x @ W.T @ W + b)) ** 2).mean()

    gradient = jax.grad(loss)(parameters)
    done = done + 1.0
    mean = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, mean, gradient)
    square = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, square, gradient)

    def update(p: Any, a: Any, s: Any) -> Any:
        scale = jax.numpy.sqrt(s / (1.0 - 0.999**done)) + 1e-8
        return p * (1.0 - 1e-3 * 0.01) - 1e-3 * (a / (1.0 - 0.9**done)) / scale

    return jax.tree.map(update, parameters, mean, square), mean, square, done
