"""What each scene shows, and what was found: a module for each, with `pack(cells)`.

It is given the cells of the scene's experiments, as far as there are any, and returns nothing if
they have nothing to show.
"""
