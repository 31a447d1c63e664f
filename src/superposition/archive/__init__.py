"""One file that holds sources and results, to be kept, published, checked and built upon.

`layout` says how it is packed and what it tells of itself, `crate` the latter in the words of
RO-Crate. `write` makes one, `check` tells what has become of its files, `restore` unpacks it, and
`verify` compares results with the committed checksums, or built again by `rebuild`, and `sources`
with their commit. Nothing of an archive is run, nor believed unless compared.
"""
