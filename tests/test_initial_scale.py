import numpy as np
import pytest
from cells import cell

from superposition.training import train
from superposition.training.fused import initial_parameters


@pytest.mark.parametrize("model", ["relu", "absolute"])
def test_initial_weights_are_multiplied_and_nothing_else(model) -> None:
    plain = initial_parameters(cell(model), 0).arrays()
    small = initial_parameters(cell(model, initial_scale=0.25), 0).arrays()
    for name, array in plain.items():
        np.testing.assert_array_equal(small[name], np.float32(0.25) * array)


def test_a_scale_of_one_leaves_no_trace_in_settings() -> None:
    assert cell(initial_scale=1.0).trained_with() == cell().trained_with()
    assert "initial_scale" in cell(initial_scale=0.5).trained_with()


def test_both_engines_start_from_the_scaled_weights() -> None:
    short = cell("absolute", initial_scale=0.1, steps=0)
    fused, torch = (train(short, range(1), engine=engine) for engine in ("fused", "torch"))
    for name, array in fused.final.arrays().items():
        np.testing.assert_array_equal(torch.final.arrays()[name], array)
