"""Whether to list entries on a GPU; `kernels.entries` says what for."""

from typing import Any


def pays_to_list(net: Any, draws: Any) -> Any:
    """Return whether entries should be listed feature by feature: they are listed one by one.

    A list changes no bit. Sixteen lanes that multiply by zeros are faster than one that looks for
    what is not zero.
    """
    return False
