"""A real browser for tests: Chromium without a window, driven over its debugging pipe.

Messages are JSON, each ended by a zero byte, on the browser's file descriptors 3 (in) and 4 (out);
so nothing but the browser is needed, and no port is opened.
"""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--no-first-run", "--disable-extensions"),
    *("--hide-scrollbars", "--force-device-scale-factor=1", "--remote-debugging-pipe"),
)

_COMPLAINTS = (
    *("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"),
    "Network.loadingFailed",
)
# Gives the two descriptors the numbers 3 and 4, by way of high ones: either may be 3 or 4 already.
_NUMBERED = """
import os, sys
for given, high in ((sys.argv[1], 103), (sys.argv[2], 104)): os.dup2(int(given), high)
for high, low in ((103, 3), (104, 4)): os.dup2(high, low)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def find() -> str | None:
    """The browser of this machine, if there is one; $CHROMIUM names another."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page in one browser, and everything it complained about or asked the network for."""

    def __init__(self, process: subprocess.Popen, to: int, back: int) -> None:
        self._process, self._to, self._back = process, to, back
        self._numbers, self._text = itertools.count(1), b""
        self._session: str | None = None
        self.complaints: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, seconds: float = 120, **parameters) -> dict:
        """Send a command; return its answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        return self._until(lambda got: got.get("id") == number, seconds)["result"]

    def open(
        self,
        page: Path,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        fragment: str = "",
    ) -> None:
        """Show a file, or a place in it, and wait until it is there."""
        phone = width < 600
        size = {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1}
        self.call("Emulation.setDeviceMetricsOverride", **size, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        # From another page: from the same one, a fragment alone would load nothing.
        self.call("Page.navigate", url="about:blank")
        self._until(lambda got: got.get("method") == "Page.loadEventFired", 120)
        self.requests.clear()
        self.call("Page.navigate", url=page.resolve().as_uri() + fragment)
        self._until(lambda got: got.get("method") == "Page.loadEventFired", 120)

    def evaluate(self, expression: str):
        """The value of an expression of JavaScript."""
        told = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowRight": 39, "ArrowDown": 40}
        event = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        text = {"text": {"Enter": "\r"}.get(key, key)} if key in ("Enter", " ") else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **event, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def picture(self, file: Path) -> None:
        """Write what is shown as PNG."""
        told = self.call("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(told["data"]))

    def _until(self, wanted, seconds: float) -> dict:
        end = time.monotonic() + seconds
        while True:
            got = self._next(end)
            self._note(got)
            if wanted(got):
                assert "error" not in got, got["error"]
                return got

    def _next(self, end: float) -> dict:
        while b"\0" not in self._text:
            ready, _, _ = select.select([self._back], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            read = os.read(self._back, 1 << 20)
            assert read, f"the browser ended with {self._process.poll()}"
            self._text += read
        message, _, self._text = self._text.partition(b"\0")
        return json.loads(message)

    def _note(self, got: dict) -> None:
        said, method = got.get("params", {}), got.get("method")
        if method == "Network.requestWillBeSent":
            url = said["request"]["url"]
            self.requests += [] if url.startswith("data:") else [url]
        elif method in _COMPLAINTS:
            self.complaints.append(str(said))


@contextmanager
def browser(folder: Path, program: str) -> Iterator[Browser]:
    """Yield a browser that keeps what it keeps in a folder."""
    read_end, to = os.pipe()
    back, write_end = os.pipe()

    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _NUMBERED, str(read_end), str(write_end)),
                *(program, *_OPTIONS, f"--user-data-dir={folder / 'profile'}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(read_end, write_end),
            start_new_session=True,
        )
    os.close(read_end)
    os.close(write_end)
    try:
        yield Browser(process, to, back)
    finally:
        process.kill()
        process.wait()
        os.close(to)
        os.close(back)
