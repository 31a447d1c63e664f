"""The pins, everything that must agree with them, and when .venv is kept and when made anew."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml
from processes import commit, git, output, run

from superposition.archive.write import sources
from superposition.base.environment import check_compiler, ignore_others
from superposition.base.errors import UserError
from superposition.base.files import cache_folder
from superposition.report.conditions import run_conditions

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def load_script(name: str):
    file = ROOT / "workflow" / "scripts" / f"{name}.py"
    spec = importlib.util.spec_from_file_location("environment_script", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script("environment")
MACHINE = f"{os.uname().sysname} {os.uname().machine}"
LOCKS = {name: (SCRIPT.ENVS / f"{name}.lock").read_text("utf-8") for name in SCRIPT.LOCKS}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUN = LOCKS["requirements"] + LOCKS["compiled"]
PINS = dict(pin.split("==") for pin in SCRIPT.pins(RUN))
DEV = dict(pin.split("==") for pin in SCRIPT.pins(LOCKS["dev"]))


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names_in(lines: list[str]) -> set[str]:
    return {canonical(found[0]) for line in lines if (found := NAME.match(line))}


def asked_for(*files: str) -> set[str]:
    folder = ROOT / "workflow/envs"
    return set().union(*(names_in((folder / file).read_text().splitlines()) for file in files))


def test_environment_yml_is_what_the_lock_makes():
    assert SCRIPT.ENVIRONMENT.read_text(encoding="utf-8") == SCRIPT.environment(RUN)


def test_environment_yml_holds_python_pip_and_the_same_pins():
    """And so nothing that only one folder has, as Snakemake copies it."""
    content = yaml.safe_load(SCRIPT.ENVIRONMENT.read_text(encoding="utf-8"))
    assert "prefix" not in content
    *conda, pip = content["dependencies"]
    assert conda == ["python=3.11", "pip"]
    assert dict(pin.split("==") for pin in pip["pip"]) == PINS


def test_every_rule_names_that_environment():
    for file in (ROOT / "workflow" / "rules").glob("*.smk"):
        text = file.read_text(encoding="utf-8")
        for name in re.findall(r"conda:\s+\"(.*)\"", text):
            assert (file.parent / name).resolve() == SCRIPT.ENVIRONMENT
        assert text.count("conda:") == text.count("shell:")


@pytest.mark.parametrize("path", [None, "src"])
def test_the_workflow_runs_where_this_package_is_not_installed(tmp_path, path):
    """With its source on PYTHONPATH, Snakemake finds our display as well."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    # The libraries that are installed here, but none of the .pth files by which we are.
    site = environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    libraries = Path(yaml.__file__).parents[1]
    (site / "site-packages" / "libraries.pth").write_text(f"{libraries}\n")
    python = environment / "bin" / "python"
    variables = {"PYTHONPATH": str(ROOT / path) if path else ""}
    found = "import importlib.util as i; print(i.find_spec('superposition') is not None)"
    arguments = ["--snakefile", ROOT / "Snakefile", "--workflow-profile", ROOT / "profiles/default"]
    arguments += ["--configfile", ROOT / "config.yaml", ROOT / "tests/smoke.yaml"]
    arguments += ["--cores", "1", "--", "results/data/intro.csv"]
    (tmp_path / "code.yaml").write_text(
        '__use_yte__: true\n__definitions__: [\'open("ran", "w")\']\n'
    )
    refused = [*arguments[:4], "--configfile", "code.yaml", "--dry-run"]
    done = [
        run(python, *command, cwd=tmp_path, variables=variables, stderr=subprocess.STDOUT)
        for command in (
            ["-c", found],
            ["-m", "snakemake", *arguments],
            ["-m", "snakemake", *refused],
        )
    ]
    assert done[0].stdout.strip() == str(path is not None)
    assert done[1].returncode == 0, done[1].stdout
    assert (tmp_path / "results/data/intro.csv").is_file()
    assert ("Building: 1 jobs" in done[1].stdout) == (path is not None)
    assert "Traceback" not in done[1].stdout
    # Code in a configuration is not run either.
    assert "error: code.yaml: __use_yte__ has Snakemake run code" in done[2].stdout
    assert not (tmp_path / "ran").exists()


def entry(pin: str, marker: str = "") -> str:
    return f"{pin}{marker} \\\n    --hash=sha256:{'0' * 64}\n    # via torch\n"


def test_the_lock_fits_machines_without_cuda():
    """And without Windows; what torch needs for CUDA is a lock of its own."""
    assert not [name for name in PINS if SCRIPT.CUDA.match(name)]
    asked = entry("numpy==2.0") + entry("colorama==1", " ; sys_platform == 'win32'")
    asked += entry("nvidia-nvtx==13.1", " ; sys_platform == 'linux'") + entry("torch==2.13.0")
    found = SCRIPT.parts(asked + entry("immutables==0.21"))
    here = entry("numpy==2.0") + entry("torch==2.13.0")
    assert found["torch-cuda"] == entry("nvidia-nvtx==13.1")
    assert (found["requirements"], found["compiled"]) == (here, entry("immutables==0.21"))
    assert SCRIPT.without(asked, here, found["torch-cuda"]) == entry("colorama==1")


def test_what_is_needed_to_run_is_apart_from_what_tests_and_checks():
    assert not set(PINS) & set(DEV)
    for name in ("snakemake", "numba", "torch", "jinja2"):
        assert name in PINS
    for name in ("pytest", "mypy", "ruff", "roc-validator"):
        assert name in DEV


def test_there_is_a_size_for_every_lock_and_machine():
    lines = (ROOT / "workflow/envs/downloads.txt").read_text().splitlines()[1:]
    rows = [line.rsplit(" ", 1) for line in lines]
    sizes = {where: int(size) for where, size in rows}
    for machine in SCRIPT.MACHINES:
        assert sizes[f"requirements {machine}"] > 50
        assert sizes[f"torch {machine}"] > 50
        assert f"dev {machine}" in sizes
    wheels = ["any", "manylinux_2_28_x86_64", "manylinux2014_aarch64", "macosx_11_0_arm64"]
    tags = ["cp312-cp312", "cp313-cp313", "cp313-cp313", "cp313-cp313"]
    pairs = zip(tags, wheels, (10, 20, 30, 40), strict=True)
    files = [{"url": f"a-1-{tag}-{end}.whl", "size": n * 10**6} for tag, end, n in pairs]
    found = [SCRIPT.megabytes([{"wheels": files}], end) for end in SCRIPT.MACHINES.values()]
    assert found == [20, 30, 40]


def test_both_builds_of_torch_are_of_one_version():
    builds = (ROOT / "workflow/envs/torch-cpu.lock").read_text(encoding="utf-8")
    assert builds.startswith(f"torch=={PINS['torch']}+cpu \\\n")


@pytest.mark.parametrize(
    "line",
    ["numpy>=2", "numpy", "-e .", "numpy==2.*", "--index-url x", "numpy==2.0", "torch==2.13.0+cpu"],
)
@pytest.mark.parametrize("digest", [True, False])
def test_anything_but_an_exact_pin_with_digests_is_refused(line, digest):
    lock = entry(line) if digest else f"{line}\n"
    if lock == entry("numpy==2.0"):
        assert SCRIPT.pins(lock) == ["numpy==2.0"]
        return
    with pytest.raises(ValueError, match="not an exact pin"):
        SCRIPT.pins(lock)


def test_every_lock_has_digests_and_every_action_of_ci_is_pinned_by_commit():
    for lock in (ROOT / "workflow/envs").glob("*.lock"):
        assert SCRIPT.pins(lock.read_text(encoding="utf-8").replace("+cpu", "")), lock
    for file in (ROOT / ".github/workflows").iterdir():
        for action in re.findall(r"uses:\s*(.*)", file.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", action)


def test_the_lock_pins_everything_that_is_asked_for():
    extras = PROJECT["optional-dependencies"]
    assert asked_for("requirements.in") <= set(PINS)
    assert asked_for("dev.in") <= set(PINS | DEV)
    assert names_in(extras["dev"]) - {"superposition"} == asked_for("dev.in")
    library = names_in([*PROJECT["dependencies"], *extras["workflow"], *extras["torch"]])
    # What builds is no part of the package.
    assert library == asked_for("requirements.in") - {"setuptools"}


@pytest.mark.parametrize(
    ("extra", "module"), [("cuda", "numba_cuda"), ("slurm", "snakemake_executor_plugin_slurm")]
)
def test_an_extra_is_pinned_and_what_is_installed_is_what_is_pinned(extra, module):
    lock = (ROOT / f"workflow/envs/{extra}.lock").read_text()
    pins = dict(pin.split("==") for pin in SCRIPT.pins(lock))
    assert names_in(PROJECT["optional-dependencies"][extra]) - {"superposition"} <= set(pins)
    if importlib.util.find_spec(module) is not None:
        assert {name: version(name) for name in pins} == pins


def test_the_pinned_versions_are_the_ones_installed():
    pins = PINS | DEV
    installed = {name: version(name).partition("+")[0] for name in pins}
    assert installed == pins


def test_everything_imported_is_asked_for():
    names = asked_for("requirements.in", "dev.in", "cuda.in")
    # The interfaces come with snakemake, llvmlite with numba, pydantic_core with pydantic,
    # markupsafe with jinja2.
    names |= {"snakemake-interface-logger-plugins", "llvmlite", "pydantic-core", "markupsafe"}
    ours = {"superposition", "snakemake_logger_plugin_superposition", "benchmarks"}
    ours |= {file.stem for file in (ROOT / "tests").glob("*.py")}
    owners = packages_distributions()
    if importlib.util.find_spec("numba_cuda") is None:
        ours.add("cuda")  # of the GPU's extra, which is not installed
    for file in [*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/*.py")]:
        for module in imported(file) - ours - set(sys.stdlib_module_names):
            assert {canonical(owner) for owner in owners[module]} & names, f"{file}: {module}"


def imported(file: Path) -> set[str]:
    """The top-level names of what a module imports, but for its own package's relative ones."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found


def test_git_is_asked_of_a_folder_and_of_no_other_repository(tmp_path, monkeypatch):
    """Run from a hook, whose variables name the repository that its user is working in."""
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        folder.mkdir()
        (folder / "a").write_text(folder.name)
    commit(theirs)
    before = {file: file.read_bytes() for file in theirs.rglob("*") if file.is_file()}
    told = run_conditions([], [], tmp_path)["versions"][0]
    variables = {"DIR": ".git", "WORK_TREE": ".", "INDEX_FILE": ".git/index"}
    for name, path in variables.items():
        monkeypatch.setenv(f"GIT_{name}", str(theirs / path))
    commit(ours)
    # As people may have set it; a signature is shown before what was asked for.
    signer = tmp_path / "signer"
    signed = "echo '\n[GNUPG:] SIG_CREATED ' >&2; echo '-----BEGIN PGP SIGNATURE'"
    signer.write_text(f"#!/bin/sh\ncat >/dev/null; {signed}\n")
    signer.chmod(0o755)
    git(ours, "config", "gpg.program", str(signer))
    git(ours, "commit", "--amend", "--no-edit", "--gpg-sign")
    git(ours, "config", "log.showSignature", "true")
    git(ours, "config", "status.showUntrackedFiles", "no")
    (ours / "b").write_text("new")
    found = sources(ours)
    assert found.commit == git(ours, "rev-parse", "HEAD").strip()
    assert (found.files, found.changed) == (("a", "b"), ("b",))
    assert run_conditions([], [], tmp_path)["versions"][0] == told
    assert {file: file.read_bytes() for file in theirs.rglob("*") if file.is_file()} == before


def test_git_is_run_in_one_place():
    """So that nobody runs it with the variables of a hook."""
    folders = ("src", "tests", "benchmarks", "workflow")
    files = [file for name in folders for file in (ROOT / name).rglob("*.[ps][yhm]*")]
    files = [file for file in files if file.suffix != ".pyc"]
    runs = re.compile(r"""["']git["'],|^\s*@?git """, re.MULTILINE)
    found = [file.name for file in files if runs.search(file.read_text(encoding="utf-8"))]
    assert found == ["git.py"]


# What people have set for other programs


def test_a_clone_has_the_bytes_that_were_committed_and_ignores_links_to_other_disks(tmp_path):
    original, clone = tmp_path / "original", tmp_path / "clone"
    original.mkdir()
    for name in (".gitattributes", ".gitignore", "workflow/scripts/setup.sh"):
        shutil.copy2(ROOT / name, original)
    commit(original)
    git(tmp_path, "-c", "core.autocrlf=true", "clone", str(original), str(clone))
    assert b"\r" not in (clone / "setup.sh").read_bytes()
    for name in ("results", ".venv", ".snakemake"):
        (clone / name).symlink_to(tmp_path)
    assert git(clone, "status", "--porcelain") == ""


def test_variables_for_other_programs_are_ignored(monkeypatch):
    given = {"NUMBA_CACHE_DIR": "kept", "NUMBA_CUDA_DRIVER": "kept"}
    for name in ("MPLBACKEND", "NUMBA_DISABLE_JIT", "NUMBA_DEBUGINFO", "NUMBA_OPT"):
        monkeypatch.setenv(name, "1")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    ignore_others()
    left = {name: value for name, value in os.environ.items() if name[:5] in ("NUMBA", "MPLBA")}
    assert left.items() >= given.items()
    assert not {"MPLBACKEND", "NUMBA_DISABLE_JIT", "NUMBA_DEBUGINFO", "NUMBA_OPT"} & set(left)


def test_a_command_runs_in_a_notebooks_terminal():
    backend = {"MPLBACKEND": "module://nowhere.backend"}
    program = (
        "from superposition.cli import main; print(main(['config'])); "
        "from matplotlib import pyplot; pyplot.figure()"
    )
    told = output("-c", program, variables=backend, stdin=subprocess.DEVNULL)
    assert told.splitlines()[-1] == "0"


@pytest.mark.parametrize("name", ["NUMBA_DISABLE_JIT", "NUMBA_DEBUGINFO"])
def test_the_library_says_what_keeps_numba_from_compiling(name, monkeypatch):
    monkeypatch.setenv(name, "0")
    check_compiler()
    monkeypatch.setenv(name, "1")
    with pytest.raises(UserError, match=f"{name} is set in the environment.* unset it"):
        check_compiler()


def made(target: str, variables: dict[str, str]) -> str:
    """What a line of the Makefile says."""
    return run(
        *("make", "--silent", f"--eval=told: ; @echo {target}", "told"),
        cwd=ROOT,
        variables={"MAKEFLAGS": "", "PYTHON": "", **variables},
    ).stdout.strip()


def test_make_obeys_variables_that_are_given_in_front():
    assert made("$(CORES) $(PYTHON)", {"CORES": "3", "PYTHON": "python3.12"}) == "3 python3.12"


def test_a_user_without_a_home_or_a_name_gets_both(tmp_path, monkeypatch):
    monkeypatch.delenv("LOGNAME", raising=False)
    assert made("$$HOME", {"HOME": str(tmp_path)}) == str(tmp_path)
    assert made("$$HOME", {"HOME": "/nowhere"}) == f"{ROOT}/.snakemake/home"
    assert made("$$LOGNAME", {})
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert cache_folder() == Path(".snakemake/home/.cache/superposition").absolute()


# The script that makes .venv, told by interpreters that only pretend

PARTS = ["workflow/scripts/setup.sh", "workflow/scripts/supported.py"]
PARTS += [f"workflow/envs/{name}" for name in ("downloads.txt", "compiled.lock", "dev.lock")]
PARTS += ["workflow/envs/requirements.lock"]
PYTHON = """#!/bin/sh
case "$*" in
    --version*) echo "Python VERSION" ;;
    "-m venv"*) mkdir -p "$3/bin" "$3/lib/python3/site-packages"; cp "$0" "$3/bin/python" ;;
    "-m pip check"*) cat torch-needs 2>/dev/null ;;
    "-m pip"*)
        printf '%s\\n' "$*" >>pip
        cp "$0" .venv/bin/snakemake
        fails=$(cat fails 2>/dev/null || echo nothing)
        case "$*" in *"/$fails.lock") cat told >&2; exit 1 ;; esac ;;
    *supported.py) cat unsupported 2>/dev/null && exit 1; exit 0 ;;
    *"print("*) echo VERSION ;;
esac
"""


def test_the_image_installs_from_what_is_copied_first_and_leaves_out_what_is_built():
    """Not git's folder: by it a report and an archive name the commit."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    before = lines[: next(n for n, line in enumerate(lines) if line.startswith("RUN make setup"))]
    copied = {line.split()[1] for line in before if line.startswith("COPY ")}
    assert all((ROOT / name).exists() for name in copied)
    assert all(any(Path(part).is_relative_to(name) for name in copied) for part in PARTS)
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert left_out == sorted(line.strip("/") for line in ignored[1:5])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in PARTS:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / part, tmp_path / part)
    for name in ("3.11.7", "3.12.4"):
        python = tmp_path / f"python{name}"
        python.write_text(PYTHON.replace("VERSION", name))
        python.chmod(0o755)
    return tmp_path


def setup(folder: Path, python: str = "", *extra: str) -> subprocess.CompletedProcess:
    variables = {"PYTHON": python and f"./{python}"}
    command = ("sh", "workflow/scripts/setup.sh", *extra)
    return run(*command, cwd=folder, variables=variables, stderr=subprocess.STDOUT)


def test_an_interpreter_of_another_version_makes_the_environment_anew(folder):
    assert "Setting up .venv with Python 3.11.7" in setup(folder, "python3.11.7").stdout
    told = setup(folder, "python3.12.4").stdout
    assert "The Python asked for is 3.12.4 and that of .venv is 3.11.7, so .venv is made" in told
    assert "Setting up .venv with Python 3.12.4" in told
    assert "echo 3.12.4" in (folder / ".venv/bin/python").read_text()


@pytest.mark.parametrize("python", ["", "python3.11.7"])
def test_the_environment_stays_if_none_or_the_same_is_asked_for(folder, python):
    setup(folder, "python3.11.7")
    done = setup(folder, python)
    assert (done.returncode, done.stdout) == (0, "")


def test_an_interpreter_that_does_not_exist_is_told_and_the_environment_stays(folder):
    setup(folder, "python3.11.7")
    done = setup(folder, "python3.99")
    assert done.returncode == 1
    assert "error: Python 3.11 to 3.14 is needed; found: none" in done.stdout
    assert (folder / ".venv/complete").is_file()


def test_other_pins_make_it_anew(folder):
    setup(folder, "python3.11.7")
    with (folder / "workflow/envs/requirements.lock").open("a") as lock:
        lock.write("another==1.0\n")
    assert "Setting up .venv" in setup(folder, "python3.11.7").stdout


def test_nothing_is_installed_whose_digest_is_not_pinned(folder):
    """Nor anywhere but in .venv, whatever pip is set up for; what CUDA needs only where it is."""
    setup(folder, "python3.11.7")
    (folder / "torch-needs").write_text("torch 2.13.0 requires triton, which is not installed.\n")
    shutil.rmtree(folder / ".venv")
    setup(folder, "python3.11.7")
    calls = (folder / "pip").read_text().splitlines()
    always = "--require-hashes --no-deps"
    assert all(f"--prefix {folder}/.venv --root / {always} " in call for call in calls)
    assert all("install --quiet --no-user --target  --prefix" in call for call in calls)
    binary = [call for call in calls if "--only-binary :all:" in call]
    assert {call for call in calls if call not in binary} == {
        call
        for call in calls
        if call.endswith("--no-build-isolation --requirement workflow/envs/compiled.lock")
    }
    names = [call.rpartition("/")[2] for call in calls]
    cpu = ["torch-cpu.lock"] * (not Path("/dev/nvidia0").exists())
    plain = [*cpu, "requirements.lock"]
    assert names == [*plain, "compiled.lock", *plain, "torch-cuda.lock", "compiled.lock"]
    [site] = (folder / ".venv").glob("lib/*/site-packages")
    assert (site / "superposition.pth").read_text() == f"{folder}/src\n"


def test_an_installation_that_went_elsewhere_is_told(folder):
    python = folder / "python3.11.7"
    python.write_text(python.read_text().replace("/bin/snakemake", "/nowhere"))
    done = setup(folder, "python3.11.7")
    assert done.returncode == 1
    assert "error: pip is set up to install elsewhere than into .venv.\nUnset" in done.stdout
    assert not (folder / ".venv/complete").exists()


def test_the_size_is_told_before_anything_is_downloaded(folder):
    (folder / "workflow/envs/downloads.txt").write_text(
        "".join(f"{name} {MACHINE} {n}\n" for name, n in (("requirements", 158), ("torch", 527)))
    )
    (folder / "told").write_text("pip ran")
    (folder / "fails").write_text("requirements")
    told = setup(folder, "python3.11.7").stdout
    assert told.index("158 MB to download, and 527 MB of torch") < told.index("pip ran")


def test_what_tests_need_is_added_once_and_again_when_its_lock_has_changed(folder):
    assert "Adding dev to .venv" in setup(folder, "python3.11.7", "dev").stdout
    assert setup(folder, "", "dev").stdout == ""
    with (folder / "workflow/envs/dev.lock").open("a") as lock:
        lock.write("another==1.0\n")
    assert setup(folder, "", "dev").stdout.startswith("Adding dev to .venv")


@pytest.mark.parametrize("lock", ["requirements", "compiled", "dev"])
def test_a_file_with_another_digest_is_told_by_name_and_nothing_is_complete(folder, lock):
    (folder / "fails").write_text(lock)
    told = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you …\n"
    told += "    numpy==2.4.6 from https://example.org/numpy.whl (from -r a.lock (line 5)):\n"
    (folder / "told").write_text(told + "        Expected sha256 0\n             Got        1\n")
    done = setup(folder, "python3.11.7", "dev")
    assert done.returncode == 1
    assert (
        f"error: numpy==2.4.6: the index has another file than the one whose digest is in "
        f"workflow/envs/{lock}.lock; it is not installed.\nTry again" in done.stdout
    )
    assert not (folder / ".venv" / ("dev.complete" if lock == "dev" else "complete")).exists()


def test_a_package_that_cannot_be_built_here_is_told_with_what_that_takes(folder):
    (folder / "fails").write_text("compiled")
    (folder / "told").write_text("error: command 'gcc' failed\n")
    told = setup(folder, "python3.11.7").stdout
    assert (
        "error: immutables==0.21 has no package for this Python and could not be built.\n" in told
    )
    assert "gcc python3-dev" in told


def test_a_machine_that_has_no_packages_is_refused_before_anything_is_downloaded(folder):
    (folder / "unsupported").write_text("numba and torch have no packages for Plan9 mips; …")
    done = setup(folder, "python3.11.7")
    assert done.returncode == 1
    assert done.stdout.startswith("error: numba and torch have no packages for Plan9 mips; …\n")
    assert not (folder / "pip").exists()


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({}, ""),
        ({"machine": "aarch64"}, ""),
        ({"system": "Darwin", "machine": "arm64"}, ""),
        ({"system": "Darwin"}, "no packages for Darwin x86_64; they have"),
        ({"machine": "riscv64"}, "no packages for Linux riscv64; they have"),
        ({"libc_ver": ("", "")}, "no packages for Linux x86_64 with another C library"),
        ({"libc_ver": ("glibc", "2.17")}, "no packages for Linux x86_64 with another C library"),
        ({"python_implementation": "PyPy"}, "Python 3.11 to 3.14 is needed; found: PyPy 3."),
    ],
)
def test_what_has_no_packages_is_told_in_a_sentence(monkeypatch, found, why):
    script = load_script("supported")
    here = {"system": "Linux", "machine": "x86_64", "libc_ver": ("glibc", "2.36")} | found
    for name, value in here.items():
        monkeypatch.setattr(f"platform.{name}", lambda value=value: value)
    told = script.reason()
    assert why in told
    assert bool(told) == bool(why)
    monkeypatch.setattr("sys.version_info", (3, 15, 0))
    assert "Python 3.11 to 3.14 is needed" in script.reason()
