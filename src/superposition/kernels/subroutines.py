"""Functions that only compiled code calls.

By itself, numba optimises every function with all that it calls, and makes machine code and a
wrapper for Python of each: most of the time that compiling takes. A subroutine is left as LLVM has
it until the whole of an entry point is there.
"""

from typing import Any

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering


class _Part(JITCodeLibrary):
    """The code of a function, to be linked into that of its callers."""

    def _optimize_final_module(self) -> None:
        """Leave it to the entry point."""

    def _finalize_final_module(self) -> None:
        """Make no machine code."""
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):
    """From numba's own code to LLVM's, and no further."""

    _name = "lowering of a subroutine"

    def run_pass(self, state: Any) -> bool:
        """As numba does it; callers find the function by what Python would call."""
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        nothing_to_call: Any = [].append
        state.targetctx.insert_user_function(nothing_to_call, state.cr.fndesc, [state.library])
        state.cr = state.cr._replace(cfunc=nothing_to_call)
        return True


class _Compiler(CompilerBase):
    """numba's compiler, with another way to lower."""

    def define_pipelines(self) -> Any:
        """All passes of numba but one."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [
            (_Lowering if each is NativeLowering else each, name) for each, name in passes.passes
        ]
        passes.finalize()
        return [passes]


# No reference counts and no Python objects: nothing is needed but what is compiled here.
OPTIONS: Any = {
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}

subroutine: Any = numba.njit(**OPTIONS, pipeline_class=_Compiler)
"""Decorator of a function that compiled code calls."""
