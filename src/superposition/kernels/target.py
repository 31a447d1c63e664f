"""The processor that code is compiled for, and what it does with a vector of sixteen numbers."""

import os
import re
from functools import cache
from typing import NamedTuple

import llvmlite.binding as llvm

from superposition.base.errors import UserError
from superposition.kernels.contracts.memory import WIDTH

_VECTOR = f"<{WIDTH} x float>"
_PROBE = f"""
declare {_VECTOR} @llvm.fma.v{WIDTH}f32({_VECTOR}, {_VECTOR}, {_VECTOR})

define {_VECTOR} @probe({_VECTOR} %a, {_VECTOR} %b, {_VECTOR} %c) {{
    %d = call {_VECTOR} @llvm.fma.v{WIDTH}f32({_VECTOR} %a, {_VECTOR} %b, {_VECTOR} %c)
    ret {_VECTOR} %d
}}
"""
_NEEDS = {"zmm": "avx512f", "ymm": "avx", "vfmadd": "fma"}
"""What x86-64 code uses, and the feature that it takes to run it."""


class Target(NamedTuple):
    """A processor, as far as the kernels are compiled otherwise for it; no bit depends on it."""

    fuses: bool
    """It multiplies and adds with one rounding. Others need two dozen operations for that."""
    wide: bool
    """A vector of sixteen is one register, of which there are 32."""


def target() -> Target:
    """What numba compiles for.

    Raises:
        UserError: If numba's variables ask for what this processor does not have.
    """
    return _probed(*names())


def names() -> tuple[str, str]:
    """LLVM's names of the processor and of its features: this one's, or those of numba's variables.

    Raises:
        UserError: As `target`.
    """
    cpu = os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES", ",".join(_own_features("+-")))
    _check(cpu, features)
    return cpu, features


def _own_features(signs: str) -> list[str]:
    try:
        found = llvm.get_host_cpu_features()
    except RuntimeError:  # LLVM does not know them on every system
        return []
    return [each for each in found.flatten().split(",") if each[0] in signs]


@cache
def _check(cpu: str, features: str) -> None:
    """Refuse what would end the process at an instruction that there is not."""
    own = [feature[1:] for feature in _own_features("+")]
    if not own:
        return
    lacking = {*re.findall(r"\+([\w.-]+)", features)} - {*own}
    if not lacking:
        code = _assembly(cpu, features)
        lacking = {feature for word, feature in _NEEDS.items() if word in code} - {*own}
    if lacking:
        given = [name for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES") if name in os.environ]
        raise UserError(
            f"{' and '.join(given)} in the environment asks for code with "
            f"{', '.join(sorted(lacking))}, which this processor ({llvm.get_host_cpu_name()}) does "
            "not have; it could not be run here. Unset it, or name what this processor has."
        )


@cache
def _probed(cpu: str, features: str) -> Target:
    code = _assembly(cpu, features)
    return Target(fuses="fmaf" not in code, wide="zmm" in code)


@cache
def _assembly(cpu: str, features: str) -> str:
    """How a processor fuses a product and a sum, in its own words."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    native = llvm.Target.from_triple(llvm.get_process_triple())
    machine = native.create_target_machine(cpu=cpu, features=features)
    return str(machine.emit_assembly(llvm.parse_assembly(_PROBE)))
