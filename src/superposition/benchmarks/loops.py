"""The published notebook's training loop in plain torch, and the matrix products of its step."""

from collections.abc import Callable
from typing import Any

import torch

from superposition.benchmarks.cases import BATCH, Case
from superposition.benchmarks.timing import Work
from superposition.model import MODELS


def notebook(case: Case, models: int, device: str, threads: int) -> Work:
    """Return the loop of the published notebook, which trains several models at once.

    Eager torch, autograd and AdamW, as there: https://github.com/anthropics/toy-models-of-superposition.
    Other models of the paper are added in the same manner.
    """
    step = notebook_step(case, models, device)

    def run(steps: int) -> None:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(mode=False)
        for _ in range(steps):
            step()
        if device == "cuda":
            torch.cuda.synchronize()

    return Work(run, models)


def notebook_step(
    case: Case, models: int, device: str = "cpu", batch: int = BATCH
) -> Callable[[], None]:
    """Return one step of that loop, on models that stay."""
    n, m, model = case.n, case.m, MODELS[case.model]

    def parameter(*shape: int, scale: float) -> torch.nn.Parameter:
        return torch.nn.Parameter(torch.randn(shape, device=device) * scale)

    W = parameter(models, n, m, scale=0.1)
    decoder = W if model.tied else parameter(models, n, m, scale=0.1)
    b = parameter(models, n, scale=0.0)
    c = parameter(models, m, scale=0.0) if model.hidden_bias else None
    others = [p for p in (None if model.tied else decoder, c) if p is not None]
    optimizer = torch.optim.AdamW([W, b, *others], lr=1e-3)
    density = torch.tensor(case.density, device=device)
    importance = torch.ones(n, device=device)
    zero = torch.zeros((), device=device)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        values = torch.rand((batch, models, n), device=device)
        if case.values == "signed":
            values = 2.0 * values - 1.0
        x = torch.where(torch.rand((batch, models, n), device=device) <= density, values, zero)
        h = torch.einsum("...if,ifh->...ih", x, W)
        if c is not None:
            h = h + c
        if model.relu_hidden:
            h = torch.relu(h)
        y = torch.einsum("...ih,ifh->...if", h, decoder) + b
        if model.relu_output:
            y = torch.relu(y)
        loss = (importance * (x.abs() - y) ** 2).mean(dim=(0, 2)).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def bare_products(case: Case, models: int = 1, rows: bool = False) -> Work:
    """Return the five matrix products of a step on one thread (see `counting.products`).

    Results are written into memory that is there. How arrays lie makes a difference of up to 2.7
    times. Of all ways to lay them out, the fastest at every size tried (MKL, AVX2) has W by hidden
    dimension, `[m, n]`, samples by row, `[B, n]`, and hidden vectors by dimension, `[m, B]`.

    Args:
        case: Sizes.
        models: Not used: there is one.
        rows: Whether arrays lie as in the notebook instead: W `[n, m]`, hidden vectors `[B, m]`.
    """
    n, m = case.n, case.m
    x, g, y = (torch.rand(BATCH, n) for _ in range(3))
    shape = (n, m) if rows else (m, n)
    W, encoding, decoding = (torch.rand(shape) for _ in range(3))
    h, gh = (torch.rand((BATCH, m) if rows else (m, BATCH)) for _ in range(2))

    def by_rows() -> None:
        torch.mm(x, W, out=h)
        torch.mm(h, W.T, out=y)
        torch.mm(g, W, out=gh)
        torch.mm(g.T, h, out=decoding)
        torch.mm(x.T, gh, out=encoding)

    def by_dimensions() -> None:
        torch.mm(W, x.T, out=h)
        torch.mm(h.T, W, out=y)
        torch.mm(W, g.T, out=gh)
        torch.mm(h, g, out=decoding)
        torch.mm(gh, x, out=encoding)

    multiply = by_rows if rows else by_dimensions

    def run(steps: int) -> None:
        torch.set_num_threads(1)
        for _ in range(steps):
            multiply()

    return Work(run, 1)


def library() -> str:
    """Return the name of the library that multiplies matrices for torch."""
    built: Any = torch.backends.mkl
    return "MKL" if built.is_available() else "torch"


def device_name() -> str:
    """Return the name of the graphics processor that torch finds, or nothing."""
    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else ""


def device_memory() -> int:
    """Return the free bytes of the graphics processor."""
    free: Any = torch.cuda.mem_get_info()[0]
    return int(free)
