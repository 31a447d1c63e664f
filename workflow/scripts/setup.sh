#!/bin/sh
# Make .venv with the exact versions of workflow/envs/requirements.lock, unless it is there already.
# Run from the top of the repository; `make` does. PYTHON=/path/to/python chooses the interpreter, and
# makes .venv anew if that one has another version; without it, .venv stays with the one it has.
# `setup.sh slurm` or `setup.sh cuda` adds what that lock has.
set -eu

# What the user's other projects need must not find its way in here.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_PYTHON PIP_DRY_RUN
export PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

lock=workflow/envs/requirements.lock

# Install the files that a lock has digests of, and no others; into .venv, whatever pip is set up for.
install() {
    .venv/bin/python -m pip install --quiet --no-user --target '' --prefix "$(pwd)/.venv" --root / \
        --require-hashes --only-binary :all: --no-deps --requirement "$1"
}

# The newest Python may still lack some packages, so it comes last.
tried='sys.version_info >= (3, 11) and sys.version_info < (3, 14)'
newer='sys.version_info >= (3, 11)'
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3 python3.13 python3.12 python3.11
    fi
    for fits in "$tried" "$newer"; do
        for candidate in "$@"; do
            if "$candidate" -c "import sys, venv, ensurepip; sys.exit(not ($fits))" 2>/dev/null; then
                printf '%s\n' "$candidate"
                return
            fi
        done
    done
    found=$("$1" --version 2>&1) || found="none (no $1)"
    cat >&2 <<END
error: Python 3.11 or newer is needed, with its venv and ensurepip modules; found: $found.
On Debian and Ubuntu:   sudo apt-get install python3 python3-venv
On macOS, with Homebrew:   brew install python@3.13
Or choose one that is installed elsewhere:   make PYTHON=/path/to/python3.11
END
    return 1
}

# What .venv must have been made from; the folder counts, because scripts in .venv hold its name.
wanted() {
    pwd
    cksum "$lock" workflow/scripts/setup.sh
}

# Two makes at once: the second waits here until the first has finished.
if command -v flock >/dev/null 2>&1; then
    exec 9>.venv.lock
    flock --nonblock 9 || {
        echo "Another make is setting up .venv; waiting for it."
        flock 9
    }
fi

# There are no builds of torch and numba for these, nor any that pip could make.
if [ "$(uname -sm)" = "Darwin x86_64" ]; then
    echo "error: torch and numba have no packages for Macs with Intel processors; use one with Apple's, or Linux." >&2
    exit 1
fi

version='import sys; print("%d.%d.%d" % sys.version_info[:3])'
# Sets `why` if there is something to say about a .venv that does not do.
venv_does() {
    why=
    [ -f .venv/complete ] && [ "$(wanted)" = "$(cat .venv/complete)" ] || return 1
    here=$(.venv/bin/python -c "$version") || return 1
    [ -n "${PYTHON:-}" ] || return 0
    asked=$("$PYTHON" -c "$version" 2>/dev/null) || return 1
    [ "$asked" = "$here" ] && return
    why="The Python asked for is $asked and that of .venv is $here, so .venv is made anew."
    return 1
}
make_venv() {
    python=$(find_python)
    [ -z "$why" ] || echo "$why"
    began=$(date +%s)
    echo "Setting up .venv with $("$python" --version) and $(grep -c '==' "$lock") packages at exact versions."
    echo "This takes a few minutes, once."
    # A half-finished or outdated .venv has no stamp that fits, and is made anew.
    rm -rf .venv
    "$python" -m venv .venv
    # Torch without CUDA, if the index has that: it saves gigabytes. The other needs more.
    install workflow/envs/torch-cpu.lock 2>/dev/null || true
    install "$lock"
    if .venv/bin/python -m pip check | grep '^torch .* requires' >/dev/null; then
        install workflow/envs/torch-cuda.lock
    fi
    if ! [ -x .venv/bin/snakemake ]; then
        echo "error: pip is set up to install elsewhere than into .venv." >&2
        echo "Unset what does so of this list:   .venv/bin/python -m pip config list" >&2
        return 1
    fi
    for site in .venv/lib/python*/site-packages; do
        echo "$(pwd)/src" >"$site/superposition.pth"
    done
    wanted >.venv/complete.part
    mv .venv/complete.part .venv/complete
    echo "Setting up took $(($(date +%s) - began)) s."
}

venv_does || make_venv
if [ $# = 1 ]; then
    install "workflow/envs/$1.lock"
fi
