"""The CUDA engine without a GPU: numba's simulator, the PTX, and an actor in the driver's place."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cells import ROWS

from superposition import training
from superposition.cuda import device
from superposition.errors import UserError
from superposition.settings import Cell

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
)
"""Rows that together use every function of the kernel."""


def simulate(*arguments: str) -> list[str]:
    """Return what `simulated_gpu.py` prints."""
    command = [sys.executable, "-W", "ignore", str(SIMULATED), *arguments]
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@needs_numba_cuda
@pytest.mark.slow
def test_every_row_is_the_same_bytes_as_on_the_processor():
    """Numba's simulator runs the threads of every block; nothing else is different."""
    assert simulate() == [f"{name}: same" for name in ROWS]


@needs_numba_cuda
@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte():
    rows = ("relu, two vectors wide, jumping", "relu_hidden")
    for workers in ("1", "3"):
        assert simulate("--workers", workers, *rows) == [f"{name}: same" for name in rows]


@needs_numba_cuda
@pytest.mark.slow
def test_no_thread_uses_what_another_may_be_writing():
    assert simulate("--watch", *WATCHED) == [f"{name}: same" for name in WATCHED]


@needs_numba_cuda
@pytest.mark.slow
def test_a_meeting_that_is_left_out_is_noticed():
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
def test_no_instruction_rounds_otherwise_than_the_processor():
    """IEEE 754 products, sums, quotients and roots, each rounded on its own."""
    pytest.importorskip("cuda.bindings.nvrtc")
    from superposition.cuda.compiling import compile_kernel, inexact

    code = compile_kernel((9, 0))
    ptx = code.object_file.decode()
    assert inexact(ptx) == set()
    for instruction in ("mul.rn.f32", "add.rn.f32", "div.rn.f32", "sqrt.rn.f32", "mul.rn.f64"):
        assert instruction in ptx
    assert f".entry {code.symbol}(" in ptx
    [isa] = re.findall(r"^\.version (\d+)\.(\d+)", ptx, re.MULTILINE)
    assert tuple(map(int, isa)) <= (9, 0), "drivers of the 580 series take no later PTX"


@needs_numba_cuda
@pytest.mark.slow
def test_left_to_itself_the_compiler_fuses_products_and_sums(monkeypatch):
    """So what looks for fused instructions finds them where they are."""
    pytest.importorskip("cuda.bindings.nvrtc")
    from numba.cuda.cudadrv import nvvm

    from superposition.cuda import compiling

    compile_ir = nvvm.compile_ir

    def as_by_default(llvmir, **options):
        return compile_ir(llvmir, **{key: options[key] for key in options if key != "fma"})

    monkeypatch.setattr(nvvm, "compile_ir", as_by_default)
    with pytest.raises(AssertionError, match=r"fma\.rn\.f32"):
        compiling.compile_kernel((9, 0))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("\tadd.rn.f32 \t%f3, %f1, %f2;", None),
        ("\tmul.f32 \t%f3, %f1, %f2;", "mul.f32"),
        ("\t@%p3 fma.rn.f64 \t%fd3, %fd1, %fd2, %fd0;", "fma.rn.f64"),
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
    from superposition.cuda.compiling import inexact

    assert inexact(f"{line}\n") == ({found} if found else set())


class Driver:
    """Answers as NVIDIA's bindings do, without a GPU."""

    def __init__(self, **failing: str) -> None:
        self.failing, self.called = failing, []
        self.CUdevice_attribute = self.CUfunction_attribute = _Names()

    def __getattr__(self, name):
        def call(*arguments):
            self.called.append(name)
            answers = {
                "cuInit": (),
                "cuDeviceGetCount": (1,),
                "cuDeviceGetName": (b"A GPU" + bytes(123),),
                "cuDeviceGetAttribute": (9 if "MAJOR" in str(arguments) else 100_000,),
                "cuDriverGetVersion": (12_080,),
                "cuMemAlloc": (4096,),
            }
            answer = answers.get(name, (None,))
            if status := self.failing.get(name):
                if status == "absent":
                    raise RuntimeError(f'Function "{name}" not found')
                return (_Status(1, status), *(None for _ in answer))
            return (_Status(0, "CUDA_SUCCESS"), *answer)

        return call


class _Names:
    def __getitem__(self, name):
        return name


class _Status(int):
    def __new__(cls, value, name):
        status = super().__new__(cls, value)
        status.name = name
        return status


@pytest.fixture
def driver(monkeypatch, tmp_path):
    """Put a driver in the place of NVIDIA's; return how."""
    from superposition.cuda import driver as ours

    def install(**failing):
        pretended = Driver(**failing)
        bindings = SimpleNamespace(driver=pretended)
        monkeypatch.setitem(sys.modules, "cuda", SimpleNamespace(bindings=bindings))
        monkeypatch.setitem(sys.modules, "cuda.bindings", bindings)
        kernel = SimpleNamespace(object_file=b"", symbol="kernel")
        monkeypatch.setattr(ours, "kernel_for", lambda capability: kernel)
        return pretended

    device.gpus.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    yield install
    device.gpus.cache_clear()


def a_cell() -> Cell:
    return ROWS["relu, sieved"]


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ({"cuInit": "CUDA_ERROR_NO_DEVICE"}, "driver cannot be used: CUDA_ERROR_NO_DEVICE"),
        ({"cuModuleLoadData": "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"}, "it is of CUDA 12.8"),
        ({"cuDevicePrimaryCtxRetain": "absent"}, "driver is too old"),
        ({"cuMemAlloc": "CUDA_ERROR_OUT_OF_MEMORY"}, "memory is full"),
        ({"cuCtxSynchronize": "CUDA_ERROR_LAUNCH_FAILED"}, "failed: CUDA_ERROR_LAUNCH_FAILED"),
        ({"cuMemcpyHtoD": "CUDA_ERROR_ECC_UNCORRECTABLE"}, "Nothing was written"),
    ],
)
def test_what_a_driver_says_is_passed_on_with_what_to_do(driver, failing, said):
    pretended = driver(**failing)
    with pytest.raises(UserError, match=said) as raised:
        training.train(a_cell(), range(2), engine="cuda")
    assert "choose the engine fused" in str(raised.value)
    assert pretended.called.count("cuMemFree") == pretended.called.count("cuMemAlloc") - (
        2 if "cuMemAlloc" in failing else 0
    )


def test_a_gpu_too_old_is_named(driver, monkeypatch):
    from superposition.cuda import driver as ours

    driver()
    monkeypatch.setattr(ours.NvidiaGpu, "_attribute", lambda gpu, name: 6)
    with pytest.raises(
        UserError, match=r"A GPU \(GPU 0\) has compute capability 6\.6; at least 7\.0"
    ):
        training.train(a_cell(), range(2), engine="cuda")


def test_without_a_gpu_auto_trains_on_the_processor():
    assert device.gpus() == 0
    assert not training.uses_gpu("auto", 10**6)
    assert training.uses_gpu("cuda", 1)


def test_without_a_gpu_the_engine_cuda_says_what_is_missing():
    with pytest.raises(UserError, match="choose the engine fused"):
        training.train(a_cell(), range(2), engine="cuda")


def test_auto_takes_a_gpu_for_many_runs_alone(driver):
    driver()
    assert device.gpus() == 1
    assert training.uses_gpu("auto", training.RUNS_FOR_A_GPU)
    assert not training.uses_gpu("auto", training.RUNS_FOR_A_GPU - 1)
    assert not training.uses_gpu("fused", 10**6)


def test_jobs_take_different_gpus_while_there_are_free_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with device._turn(2) as first, device._turn(2) as second:
        assert (first, second) == (0, 1)
    with device._turn(2) as again:
        assert again == 0


def test_a_run_lies_in_memory_without_overlaps_and_arrays_lie_where_its_words_say():
    from superposition.cuda import images
    from superposition.features import tabulate
    from superposition.training.fused import start
    from superposition.training.layout import network, recipe

    cell = ROWS["relu, attack, wide"]
    net = network(cell.model)
    run = start(cell, net, recipe(cell.training), tabulate(cell.features), 0.5, 0, 8)
    for chip in (0, 20_000, 10**7):
        layout = images.plan(run, chip)
        assert layout.resident <= chip
        taken = np.zeros(layout.size, dtype=int)
        own = {word.name: word.array for word in images.words_of(run) if not word.shared}
        for name, place in layout.places.items():
            taken[place : place + own[name].nbytes] += 1
        assert taken.max() == 1
        memory = images.image(run, layout)
        p = memory[layout.places["p"] :][: run.p.nbytes].view(np.float32)
        assert np.array_equal(p, run.p)
        if chip:
            assert layout.places["p"] < layout.resident, "what is read most lies on the chip"


def test_the_extra_is_pinned_and_what_is_installed_is_what_is_pinned():
    root = TESTS.parent
    lock = (root / "workflow/envs/cuda.lock").read_text()
    pins = dict(re.findall(r"^([a-z-]+)==(\S+)$", lock, re.MULTILINE))
    extra = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    asked = extra["optional-dependencies"]["cuda"]
    assert set(pins) >= {re.match("[a-z-]+", name)[0] for name in asked}
    if find_spec("numba_cuda") is not None:
        assert {name: version(name) for name in pins} == pins
