"""Python as macOS has it: with this folder on PYTHONPATH, what only Linux has is gone.

What Linux alone has of the module `os`, and the files below /proc and in /dev that our own code and
its tests could open. Other people's know what they run on.
"""

import os
import select
import signal
import sys

_ONLY_LINUX = (
    *("sched_getaffinity", "sched_setaffinity", "sched_getscheduler", "sched_setscheduler"),
    *("sched_getparam", "sched_setparam", "sched_rr_get_interval"),
    *("posix_fallocate", "posix_fadvise", "fdatasync", "copy_file_range", "splice"),
    *("memfd_create", "eventfd", "pipe2", "getrandom", "pidfd_open", "unshare", "setns"),
    *("getresuid", "getresgid", "setresuid", "setresgid"),
    *("O_DIRECT", "O_PATH", "O_NOATIME", "O_LARGEFILE", "P_PIDFD"),
)
# Not O_TMPFILE and listxattr: `tempfile` and `shutil` may be there before this, and rely on them.
_OURS = ("/superposition/", "/snakemake_logger_plugin_superposition/", "/tests/", "/benchmarks/")

for _module, _names in (
    (os, _ONLY_LINUX),
    (select, ("epoll",)),
    (signal, ("sigtimedwait", "sigwaitinfo")),
):
    for _name in _names:
        if hasattr(_module, _name):
            delattr(_module, _name)
os.sysconf_names.pop("SC_AVPHYS_PAGES", None)
if hasattr(os, "process_cpu_count"):  # from Python 3.13 on; where there is no affinity, it is this
    os.process_cpu_count = os.cpu_count


def _refuse(event, arguments):
    """Say that a file is not there when our own code opens one that only Linux has."""
    if event != "open" or not str(arguments[0]).startswith(("/proc/", "/dev/full", "/dev/shm")):
        return
    frame = sys._getframe(1)
    while frame and frame.f_code.co_filename.endswith(("pathlib.py", "<frozen pathlib>")):
        frame = frame.f_back
    if frame and any(part in frame.f_code.co_filename for part in _OURS):
        raise FileNotFoundError(2, "No such file or directory", arguments[0])


sys.addaudithook(_refuse)
