"""Code that numba compiles. It is imported to be compiled, and by nothing else.

Importing numba takes longer than most jobs compute, so jobs run the machine code that the first of
them has made (`compilation`). Modules of the same names outside this package call it, and import it
only where they hand it to the compiler.

Compiled functions have no annotations: numba infers the types of each call.
"""
