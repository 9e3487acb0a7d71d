"""Drives a real headless Chromium over a page: what a reader does, and what is then shown."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
WITHOUT = "no page can be driven: apt-get install chromium-headless-shell, or chromium"

_DRIVER = """<script>
const errors = [];
addEventListener("error", (event) => errors.push(event.message));
addEventListener("load", () => {
  const answer = document.createElement("pre");
  answer.id = "answer-of-the-driver";
  let value = null;
  try { value = (() => { STEPS })(); } catch (problem) { errors.push(String(problem)); }
  answer.textContent = JSON.stringify({ value, errors });
  document.body.append(answer);
});
</script>"""


def driven(page: Path, steps: str, fragment: str = "") -> object:
    """What the JavaScript function body `steps` returns in a copy of the page once it has loaded.

    The copy lacks the page's policy, which lets no other script run: that is this one. Raises
    AssertionError on any script error.
    """
    source = page.read_text(encoding="utf-8")
    source = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", source)
    copy = page.with_name("driven.html")
    driver = _DRIVER.replace("STEPS", steps)
    copy.write_text(source.replace("</head>", f"{driver}</head>", 1), encoding="utf-8")
    shown = dump(copy, fragment)
    found = re.search(r'<pre id="answer-of-the-driver">(.*?)</pre>', shown, re.S)
    assert found, "the page did not finish loading"
    answer = json.loads(html.unescape(found.group(1)))
    assert answer["errors"] == []
    return answer["value"]


def dump(page: Path, fragment: str = "") -> str:
    """The page's document as the browser has it after loading."""
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
        f"--user-data-dir={page.parent / 'browser'}", "--virtual-time-budget=5000",
        f"{page.as_uri()}{fragment}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout
