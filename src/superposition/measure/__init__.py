"""From weights to numbers: norms and interference, geometry, theory, attacks, dictionaries."""
