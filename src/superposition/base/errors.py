"""Errors that are meant for the person at the terminal."""


class UserError(Exception):
    """Something the user can mend; the command line prints the message, and no traceback."""
