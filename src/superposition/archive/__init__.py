"""One file that holds sources and results, to be kept, published, checked and built upon.

`contents` says what goes in, `sources` what git knows of it, `records` what Snakemake has to know
so that an unpacked archive is up to date, `description` what the archive says of itself, and
`crate` the same in the words of RO-Crate; `container` lays out the bytes. `writing` puts one
together, `checking` tells what has become of one, `recomputing` builds parts of it again, and
`restoring` unpacks it.
"""
