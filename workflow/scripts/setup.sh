#!/bin/sh
# Make .venv with the exact versions of workflow/envs/requirements.lock, unless it is there already.
# Run from the top of the repository; `make` does. PYTHON=/path/to/python chooses the interpreter, and
# makes .venv anew if that one has another version; without it, .venv stays with the one it has.
# `setup.sh dev`, `slurm` or `cuda` adds what that lock has.
set -eu

# What the user's other projects need must not find its way in here.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_PYTHON PIP_DRY_RUN
export PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

envs=workflow/envs

# Install the files that a lock has digests of, and no others; into .venv, whatever pip is set up for.
install() {
    lock=$envs/$1.lock
    shift
    .venv/bin/python -m pip install --quiet --no-user --target '' --prefix "$(pwd)/.venv" --root / \
        --require-hashes --no-deps "$@" --requirement "$lock" 2>.venv/pip.log
}

# The same, never built here, or the end of this in words.
install_or_tell() {
    install "$1" --only-binary :all: || tell_why "$1"
}

tell_why() {
    other=$(sed -n '/DO NOT MATCH THE HASHES/,$s/^ *\([[:alnum:]._-]*==[^ ]*\) from .*/\1/p' .venv/pip.log | head -n 1)
    if [ -z "$other" ]; then
        cat .venv/pip.log >&2
        return 1
    fi
    cat >&2 <<END
error: $other: the index has another file than the one whose digest is in $envs/$1.lock; it is not installed.
Try again without an index of your own (.venv/bin/python -m pip config list); if it stays so, do not use that file.
END
    return 1
}

# As many megabytes as there are of a lock to download, for this machine.
megabytes() {
    awk -v lock="$1" -v machine="$(uname -sm)" '$1 == lock && $2 " " $3 == machine { n = $4 } END { print n + 0 }' \
        $envs/downloads.txt
}

# For the newest Python some packages are built here, with a compiler, so it comes last.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3 python3.13 python3.12 python3.11 python3.14
    fi
    newest= why_not=
    for candidate in "$@"; do
        if told=$("$candidate" workflow/scripts/supported.py 2>/dev/null); then
            case $("$candidate" --version) in
                "Python 3.14"*) newest=${newest:-$candidate} ;;
                *)
                    printf '%s\n' "$candidate"
                    return
                    ;;
            esac
        fi
        why_not=${why_not:-$told}
    done
    if [ -n "$newest" ]; then
        printf '%s\n' "$newest"
        return
    fi
    found=$("$1" --version 2>&1) || found="none (no $1)"
    cat >&2 <<END
error: ${why_not:-Python 3.11 to 3.14 is needed; found: $found.}
On Debian and Ubuntu:   sudo apt-get install python3 python3-venv
On macOS, with Homebrew:   brew install python@3.13
Or choose one that is installed elsewhere:   make PYTHON=/path/to/python3.11
END
    return 1
}

# What .venv must have been made from; the folder counts, because scripts in .venv hold its name.
wanted() {
    pwd
    cksum $envs/requirements.lock $envs/compiled.lock workflow/scripts/setup.sh
}

# Two makes at once: the second waits here until the first has finished.
if command -v flock >/dev/null 2>&1; then
    exec 9>.venv.lock
    flock --nonblock 9 || {
        echo "Another make is setting up .venv; waiting for it."
        flock 9
    }
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

# Torch without CUDA where there is no GPU, if the index has that: it saves gigabytes.
install_torch() {
    if ! [ -e /dev/nvidia0 ] && install torch-cpu --only-binary :all:; then
        return
    fi
    echo "Torch is downloaded as the index has it, which on Linux is with CUDA."
}

make_venv() {
    python=$(find_python)
    [ -z "$why" ] || echo "$why"
    began=$(date +%s)
    echo "Setting up .venv with $("$python" --version): $(grep -c '==' $envs/requirements.lock) packages at exact versions."
    torch=$(($(megabytes torch) + $(megabytes torch-cuda)))
    echo "$(megabytes requirements) MB to download, and $torch MB of torch; on Linux a tenth of that if pip has an index"
    echo "with torch built for the processor. This takes a few minutes, once."
    # A half-finished or outdated .venv has no stamp that fits, and is made anew.
    rm -rf .venv
    "$python" -m venv .venv
    install_torch
    install_or_tell requirements
    if .venv/bin/python -m pip check | grep '^torch .* requires' >/dev/null; then
        install_or_tell torch-cuda
    fi
    if ! install compiled --no-build-isolation; then
        tell_why compiled || true
        echo "error: $(sed -n 's/ .*//p' $envs/compiled.lock | head -n 1) has no package for this Python and could not be built." >&2
        echo "That takes a C compiler and Python's headers (Debian: gcc python3-dev); or choose:   make PYTHON=python3.13" >&2
        return 1
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

# What one of the other locks has besides.
add() {
    stamp=.venv/$1.complete
    [ -f "$stamp" ] && [ "$(cksum <"$envs/$1.lock")" = "$(cat "$stamp")" ] && return
    echo "Adding $1 to .venv: $(grep -c '==' "$envs/$1.lock") packages, $(megabytes "$1") MB to download."
    install_or_tell "$1"
    cksum <"$envs/$1.lock" >"$stamp"
}

venv_does || make_venv
if [ $# = 1 ]; then
    add "$1"
fi
