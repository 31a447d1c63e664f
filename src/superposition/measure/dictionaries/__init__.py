"""Finding a model's features, given only its hidden activations, with sparse autoencoders.

`record` says what a dictionary is and keeps it on disk, `training` fits it, `measures` holds it
against the true columns of W.
"""
