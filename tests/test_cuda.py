"""The CUDA engine without a GPU: numba's simulator, the PTX, and an actor in the driver's place."""

import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from cells import ROWS, train_cell
from processes import output

from superposition import training
from superposition.base.errors import UserError
from superposition.config.models import MODELS
from superposition.config.settings import TrainingSettings
from superposition.training.cuda import device

TESTS = Path(__file__).parent
SIMULATED = TESTS / "simulated_gpu.py"

needs_numba_cuda = pytest.mark.skipif(
    find_spec("numba_cuda") is None, reason="numba-cuda is not installed: make cuda"
)

WATCHED = (
    "relu, dense",
    "relu, sieved",
    "relu, jumping",
    "relu, wide",
    "relu, two vectors wide, jumping",
    "absolute",
    "correlated",
    "relu_hidden_biased, sieved, batch not in blocks",
    "linear, penalty",
    "relu, attack, jumping, batch not in blocks",
    "relu, attack, correlated",
    "relu, falling to jumping",
)
"""Rows that together use every function of the kernel."""


def simulate(*arguments: str) -> list[str]:
    """Return what `simulated_gpu.py` prints."""
    variables = {"NUMBA_ENABLE_CUDASIM": "1"}
    return output("-W", "ignore", SIMULATED, *arguments, variables=variables).splitlines()


def test_a_gpu_is_tried_with_all_that_changes_what_the_kernel_does():
    from superposition.training.cuda import trial

    cells = trial.cells()
    assert {cell.model.model for cell in cells} == set(MODELS)
    plain = {"learning_rate", "schedule", "beta1", "beta2", "epsilon"}  # numbers in tables
    plain |= {"initial_scale", "initial_bias", "density_fall", "snapshots", "batch", "steps"}
    for sections, expected in (
        ([cell.training for cell in cells], TrainingSettings.model_fields.keys() - plain),
        ([cell.features for cell in cells], {"correlated", "anticorrelated", "normalised"}),
    ):
        values = {key: {getattr(section, key) for section in sections} for key in expected}
        assert {key for key, found in values.items() if len(found) < 2} == set()
    for cell in cells:
        assert np.isfinite(train_cell(cell, range(1)).W).all()


@needs_numba_cuda
def test_runs_that_begin_at_given_weights_are_the_same_bytes_as_on_the_processor():
    names = ["relu_hidden_biased", "absolute"]
    assert simulate(*names, "--started", "--runs", "2") == [f"{name}: same" for name in names]


@needs_numba_cuda
@pytest.mark.slow
def test_every_row_is_the_same_bytes_as_on_the_processor():
    """Numba's simulator runs the threads of every block; nothing else is different."""
    assert simulate() == [f"{name}: same" for name in ROWS]


@needs_numba_cuda
@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte():
    rows = ("relu, two vectors wide, jumping", "relu, attack, correlated")
    for workers in ("1", "3", "8"):
        assert simulate("--workers", workers, *rows) == [f"{name}: same" for name in rows]


@needs_numba_cuda
@pytest.mark.slow
def test_no_thread_uses_what_another_may_be_writing():
    assert simulate("--watch", *WATCHED) == [f"{name}: same" for name in WATCHED]


@needs_numba_cuda
@pytest.mark.slow
def test_a_barrier_that_is_left_out_is_noticed():
    lines = simulate("--watch", "--careless", "relu, dense")
    assert any(line.startswith("race: ") for line in lines)


@needs_numba_cuda
def test_runs_that_do_not_fit_together_are_trained_apart():
    assert simulate("--memory", "100000", "--runs", "2", "relu, sieved") == ["relu, sieved: same"]


@needs_numba_cuda
def test_one_run_that_does_not_fit_is_an_error():
    with pytest.raises(AssertionError, match="OutOfMemoryError"):
        simulate("--memory", "1000", "relu, sieved")


@needs_numba_cuda
@pytest.mark.slow
def test_no_instruction_rounds_otherwise_than_the_processor(monkeypatch):
    """IEEE 754 sums, products, quotients and roots, and both rounded once where the source does."""
    pytest.importorskip("cuda.bindings.nvrtc")
    from superposition.training.cuda import intrinsics
    from superposition.training.cuda.compiling import compile_kernel, inexact

    code = compile_kernel((9, 0))
    ptx = code.object_file.decode()
    assert inexact(ptx) == set()
    for instruction in ("fma.rn", "mul.rn", "add.rn", "div.rn", "sqrt.rn"):
        assert f"{instruction}.f32" in ptx
    assert "mul.rn.f64" in ptx

    def rounded_twice(builder, a, b, c):
        return builder.fadd(builder.fmul(a, b), c)

    monkeypatch.setattr(intrinsics, "_fused", rounded_twice)
    assert "fma" not in compile_kernel((9, 0)).object_file.decode()
    assert f".entry {code.symbol}(" in ptx
    [isa] = re.findall(r"^\.version (\d+)\.(\d+)", ptx, re.MULTILINE)
    assert tuple(map(int, isa)) <= (9, 0), "drivers of the 580 series take no later PTX"


@needs_numba_cuda
@pytest.mark.slow
def test_left_to_itself_the_compiler_fuses_products_and_sums(monkeypatch):
    """So what looks for fused instructions finds them where they are."""
    pytest.importorskip("cuda.bindings.nvrtc")
    from numba.cuda.cudadrv import nvvm

    from superposition.training.cuda import compiling

    compile_ir = nvvm.compile_ir

    def as_by_default(llvmir, **options):
        return compile_ir(llvmir, **{key: options[key] for key in options if key != "fma"})

    monkeypatch.setattr(nvvm, "compile_ir", as_by_default)
    with pytest.raises(device.GpuError, match=r"fma\.rn\.f32"):
        compiling.compile_kernel((9, 0))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("\tadd.rn.f32 \t%f3, %f1, %f2;", None),
        ("\tmul.f32 \t%f3, %f1, %f2;", "mul.f32"),
        ("\t@%p3 fma.rn.f64 \t%fd3, %fd1, %fd2, %fd0;", "fma.rn.f64"),
        ("\tfma.rn.f32 \t%f3, %f1, %f2, %f0;", None),
        ("\tfma.rn.ftz.f32 \t%f3, %f1, %f2, %f0;", "fma.rn.ftz.f32"),
        ("\tmad.f32 \t%f3, %f1, %f2, %f0;", "mad.f32"),
        ("\tmad.lo.s64 \t%rd3, %rd1, %rd2, %rd0;", None),
        ("\tdiv.approx.f32 \t%f3, %f1, %f2;", "div.approx.f32"),
        ("\tdiv.full.f32 \t%f3, %f1, %f2;", "div.full.f32"),
        ("\tsqrt.approx.ftz.f32 \t%f3, %f1;", "sqrt.approx.ftz.f32"),
        ("\tadd.rn.ftz.f32 \t%f3, %f1, %f2;", "add.rn.ftz.f32"),
        ("\tdiv.rn.f32 \t%f3, %f1, %f2;", None),
        ("\trsqrt.approx.f32 \t%f3, %f1;", "rsqrt.approx.f32"),
    ],
)
def test_what_counts_as_inexact(line, found):
    from superposition.training.cuda.compiling import inexact

    assert inexact(f"{line}\n") == ({found} if found else set())


@pytest.fixture(scope="module")
def pretended(tmp_path_factory):
    """Compile a driver that pretends; return what trains on it and returns the lines it prints."""
    if find_spec("numba_cuda") is None:
        pytest.skip("numba-cuda is not installed: make cuda")
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc to compile a driver with")
    folder = tmp_path_factory.mktemp("driver")
    source = str(TESTS / "pretended_driver.c")
    library = str(folder / "libcuda.so.1")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)

    def run(*arguments, cache="cache", **environment):
        settings = {f"PRETEND_{key}": str(value) for key, value in environment.items()}
        # Which kernels were tried is kept beside the compiled code, which is to be kept as well.
        settings |= {"LD_LIBRARY_PATH": str(folder), "NUMBA_CACHE_DIR": str(folder / cache)}
        return output(TESTS / "pretended_gpu.py", *arguments, variables=settings).splitlines()

    return run


@pytest.mark.slow
def test_all_but_the_gpu_itself_gives_the_same_bytes(pretended):
    """NVIDIA's bindings, what they are given, where arrays lie; then with little on the chip."""
    expected = [*(f"{name}: same" for name in ROWS), "refused: 0, held: 0"]
    assert pretended(*ROWS) == expected
    assert pretended(*ROWS, CHIP=20_000) == expected


def test_memory_that_is_full_has_runs_trained_apart(pretended):
    pretended("relu_hidden")  # where the GPU is tried, for which it needs more
    lines = pretended("relu_hidden", MEMORY=120_000)
    assert lines[0] == "relu_hidden: same"
    assert int(re.search(r"refused: (\d+), held: 0", lines[1])[1]) > 0


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ({"FAIL": "cuInit:100"}, "driver cannot be used: CUDA_ERROR_NO_DEVICE"),
        ({"VERSION": "12080"}, "driver is too old: it is of CUDA 12.8, and 13.0 is needed"),
        ({"CAPABILITY": "70"}, r"finds Pretended GPU \(compute capability 7.0\); .* 7.5 is needed"),
        ({"GPUS": "0"}, "finds no GPU"),
        ({"FAIL": "cuDevicePrimaryCtxRetain:2"}, "memory is full"),
        ({"FAIL": "cuMemAlloc:2"}, "memory is full"),
        ({"FAIL": "cuModuleLoadData:222"}, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
        ({"FAIL": "cuCtxSynchronize:719"}, "failed: CUDA_ERROR_LAUNCH_FAILED in cuCtxSynchronize"),
        ({"FAIL": "cuMemcpyHtoD:214"}, "Nothing was written"),
    ],
)
def test_what_a_driver_says_is_passed_on_with_what_to_do(pretended, failing, said):
    error, counts = pretended("relu, sieved", **failing)
    assert re.search(said, error)
    assert "choose the engine fused" in error
    assert counts.endswith("held: 0")


def test_a_gpu_that_computes_something_else_is_not_trusted(pretended):
    [error, counts] = pretended("relu, sieved", "--wrong", cache="untried")
    assert re.search("Pretended GPU .* gives other bytes than the processor", error)
    assert counts == "refused: 0, held: 0"


@pytest.fixture
def no_driver(monkeypatch):
    """Have no driver, whatever this machine has."""
    from superposition.training.cuda import driver

    def absent():
        raise device.GpuError("NVIDIA's driver cannot be used; choose the engine fused.")

    monkeypatch.setattr(driver, "_driver", absent)
    device.gpus.cache_clear()
    yield
    device.gpus.cache_clear()


def test_without_a_gpu_the_engine_cuda_says_what_is_missing(no_driver):
    assert device.gpus() == 0
    with pytest.raises(UserError, match=r"make cuda|choose the engine fused"):
        training.train([ROWS["relu, sieved"]], range(2), engine="cuda")


def test_auto_stays_on_the_processor_until_a_gpu_has_been_recorded(monkeypatch):
    def asked():
        raise AssertionError("a GPU was asked for")

    monkeypatch.setattr(device, "usable", asked)
    cell = ROWS["relu, sieved"]
    (auto,) = training.train([cell], range(100), engine="auto")
    (fused,) = training.train([cell], range(100), engine="fused")
    assert np.array_equal(auto.W, fused.W)


def test_jobs_take_different_gpus_while_there_are_free_ones(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    names = {0: "a", 1: "b"}
    asked = []

    def until_the_third():
        asked.append(True)
        if len(asked) == 3:
            raise KeyboardInterrupt

    with device._turn(names, print) as first, device._turn(names, print) as second:
        assert (first, second) == (0, 1)
        # All are taken: the third waits, and may be told not to wait any more.
        with pytest.raises(KeyboardInterrupt), device._turn(names, until_the_third):
            pass
    with device._turn(names, print) as again:
        assert again == 0


def test_an_error_while_a_gpu_is_held_is_that_error(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    with pytest.raises(BrokenPipeError), device._turn({0: "a"}, print):
        raise BrokenPipeError
    with pytest.raises(FileNotFoundError), device._turn({0: "missing/a"}, print):
        raise FileNotFoundError


needs_gpu = pytest.mark.skipif(device.gpus() == 0, reason="there is no GPU to use")


@needs_gpu
@pytest.mark.parametrize("name", ROWS)
def test_a_gpu_gives_the_bytes_of_the_processor(name):
    settings = ROWS[name].training.model_copy(update={"batch": 1024, "snapshots": (0, 100)})
    cell = ROWS[name].model_copy(update={"training": settings})
    ours, theirs = (train_cell(cell, range(70), engine=e) for e in ("cuda", "fused"))
    for array, expected in theirs.arrays().items():
        assert ours.arrays()[array].tobytes() == expected.tobytes()


def test_a_run_lies_in_memory_without_overlaps_and_arrays_lie_where_its_words_say():
    from superposition.training.cuda import layout
    from superposition.training.fused import start

    run = start(ROWS["relu, attack, wide"], 0, workers=8)
    for chip in (0, 20_000, 10**7):
        plan = layout.plan(run, chip)
        assert plan.resident <= chip
        taken = np.zeros(plan.size, dtype=int)
        own = layout.arrays(run, shared=False)
        for name, place in plan.places.items():
            taken[place : place + own[name].nbytes] += 1
        assert taken.max() == 1
        memory = layout.image(run, plan)
        p = memory[plan.places["p"] :][: run.p.nbytes].view(np.float32)
        assert np.array_equal(p, run.p)
        if chip:
            assert plan.places["p"] < plan.resident, "what is read most lies on the chip"
