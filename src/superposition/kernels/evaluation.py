"""The errors of `evaluation`, in compiled code."""

from superposition.evaluation import Comparison


def squared_errors(work: Comparison) -> None:
    """Set errors[i] to Σ_samples (t_i − y_i)²."""
    n, m, h, y = work.n, work.m, work.h, work.y
    for i in range(n):
        work.errors[i] = 0.0
    for s in range(work.samples):
        for k in range(m):
            h[k] = 0.0
        for i in range(n):
            value = work.x[s * n + i]
            y[i] = work.b[i]
            if value != 0.0:
                for k in range(m):
                    h[k] += work.W[i * m + k] * value
        for k in range(m):
            hidden = h[k]
            if not work.relu_hidden or hidden > 0.0:
                for i in range(n):
                    y[i] += work.decoder[k * n + i] * hidden
        for i in range(n):
            output = max(y[i], 0.0) if work.relu_output else y[i]
            target = abs(work.x[s * n + i]) if work.absolute else work.x[s * n + i]
            work.errors[i] += (target - output) * (target - output)
