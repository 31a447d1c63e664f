"""How fast training is: `make bench` measures, and writes docs/benchmarks.md, its plot and a table.

Nothing here decides a byte of the results. `cases` says what is measured, `contestants` by which
programs, `timing` how, `counting` what it should cost; `page` and `picture` show it.
"""
