"""Whether training has converged: recipes compared by loss, and the evidence for the chosen ones.

`families` reads which recipes are tried on which cells, `quantities` are the measures that must not
move when training goes on, `comparison` measures what each recipe reaches, `evidence` is the record
of it with the rule by which a recipe is chosen, `page` shows it, `check` holds config.yaml to it.
"""
