"""Drives a real headless Chromium through its DevTools: what a reader does, and what is then shown.

One browser serves many pages. The page's own policy holds: what the tests run is no script of the
page's, and is told apart by the browser itself.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browser import CHROMIUM

PATIENCE_SECONDS = 60.0
"""After which an answer is no longer waited for: a busy machine takes some, a hung browser all."""


class Browser:
    """A running browser, spoken to over two pipes."""

    def __init__(self, process: subprocess.Popen[bytes], reads: int, writes: int) -> None:
        self._process, self._reads, self._writes = process, reads, writes
        self._ids, self._buffer = itertools.count(1), b""
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **given: Any) -> dict[str, Any]:
        """The browser's answer to a command; events that come meanwhile are kept."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": given}
        if session:
            message["sessionId"] = session
        os.write(self._writes, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)
        raise AssertionError(f"the browser did not answer {method}")

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._reads, 1 << 20)
            assert part, "the browser has closed"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def open(
        self, page: Path, width: int = 1000, scheme: str = "light", script: bool = True
    ) -> Tab:
        """The page in a tab of its own, loaded; `script`: whether its scripts may run."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session, target)
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.call(f"{domain}.enable")
        tab.call("Emulation.setScriptExecutionDisabled", value=not script)
        tab.shown(width, scheme)
        tab.call("Page.navigate", url=page.as_uri())
        while not tab.events("Page.loadEventFired"):
            self.events.append(self._next())
        return tab


class Tab:
    """One page in the browser."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self._browser, self._session, self._target = browser, session, target

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """The answer to a command on this page."""
        return self._browser.call(method, self._session, **given)

    def events(self, method: str) -> list[dict[str, Any]]:
        """What the browser has reported of this page under that name."""
        return [
            event["params"] for event in self._browser.events
            if event.get("sessionId") == self._session and event["method"] == method
        ]  # fmt: skip

    def shown(self, width: int, scheme: str = "light", medium: str = "screen") -> None:
        """Show the page at a width, in a colour scheme, on screen or as printed."""
        height = 800
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=medium, features=features)

    def run(self, steps: str) -> Any:
        """What the body of an async JavaScript function returns."""
        found = self.call("Runtime.evaluate", expression=f"(async () => {{ {steps} }})()",
                          awaitPromise=True, returnByValue=True, userGesture=True)  # fmt: skip
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """Press and release a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code)  # fmt: skip

    def complaints(self) -> list[str]:
        """Errors and warnings of the page: its scripts', its policy's, the browser's own."""
        said = [
            event["exceptionDetails"]["text"] for event in self.events("Runtime.exceptionThrown")
        ]
        said += [event["entry"]["text"] for event in self.events("Log.entryAdded")]
        return said + [
            json.dumps(event["args"]) for event in self.events("Runtime.consoleAPICalled")
            if event["type"] in ("error", "warning", "assert")
        ]  # fmt: skip

    def requests(self) -> list[str]:
        """The addresses that the page asked for."""
        return [event["request"]["url"] for event in self.events("Network.requestWillBeSent")]

    def picture(self, top: int = 0, height: int = 0) -> bytes:
        """A PNG of what is shown, or of a slice of the whole page."""
        clip = {}
        if height:
            width = self.run("return document.documentElement.clientWidth")
            clip = {"clip": {"x": 0, "y": top, "width": width, "height": height, "scale": 1}}
        found = self.call("Page.captureScreenshot", captureBeyondViewport=bool(height), **clip)
        return base64.b64decode(found["data"])

    def close(self) -> None:
        """Leave the page."""
        self._browser.call("Target.closeTarget", targetId=self._target)


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A headless Chromium with a profile folder of its own, until the context ends."""
    reads, its_writes = os.pipe()
    its_reads, writes = os.pipe()
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
        "--hide-scrollbars", f"--user-data-dir={profile}", "about:blank",
    ]  # fmt: skip
    # The browser reads its commands from descriptor 3 and writes its answers to 4.
    shell = f'exec "$0" "$@" 3<&{its_reads} 4>&{its_writes}'
    process = subprocess.Popen(
        ["bash", "-c", shell, *command], pass_fds=(its_reads, its_writes),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(its_reads)
    os.close(its_writes)
    try:
        yield Browser(process, reads, writes)
    finally:
        process.terminate()
        process.wait(10)
        os.close(reads)
        os.close(writes)
