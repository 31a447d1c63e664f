"""How fast training is, compared with the loop that was published beside the paper.

`make bench` (or `python -m benchmarks` at the top of the repository) measures, and writes
docs/benchmarks.md, its plot and the raw numbers. Nothing here is part of the package, and nothing
decides a byte of the results. `contestants` says what trains, `measure` how it is timed, `page`
what is shown.
"""
