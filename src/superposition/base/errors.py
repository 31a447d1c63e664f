"""Errors that are meant for the person at the terminal."""

from superposition.base.terminal import visible


class UserError(Exception):
    """Something the user can mend; the command line prints the message, and no traceback."""

    def __str__(self) -> str:
        """The message; what it quotes from a file does nothing in a terminal."""
        return visible(super().__str__(), keep="\n")
