"""Being told to stop from outside, as by Ctrl-C: what is half done is taken back first."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def tidily() -> Iterator[None]:
    """Have the signals by which systems end a process end the block by a `KeyboardInterrupt`.

    Those that are ignored, as under nohup, stay so. Compiled code does not notice them: a block
    that computes for long would go on.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
