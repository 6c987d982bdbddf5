#!/usr/bin/env python3
"""Opens a page in headless Chromium, narrow and wide, light and dark, and says what it saw as JSON.

    browser.py CHROMIUM URL SHOTS

SHOTS is a folder for screenshots. Speaks the DevTools protocol over a pipe: Chromium reads NUL-ended
JSON from descriptor 3 and writes it to 4. Needs nothing but Python's own library.
"""

import base64
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time

LIMIT = 60.0
WIDER = ("[...document.querySelectorAll('body *')].filter(e => !e.closest('.hidden, thead') &&"
         " e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))")
SMALL = ("[...document.querySelectorAll('body *')].filter(e => e.textContent.trim() &&"
         " parseFloat(getComputedStyle(e).fontSize) < 12).map(e => e.outerHTML.slice(0, 80))")
UNNAMED = ("[...document.querySelectorAll('section, nav, meter, table')].filter(e =>"
           " !(e.getAttribute('aria-label') || e.querySelector('caption') ||"
           " document.getElementById(e.getAttribute('aria-labelledby')))).map(e => e.outerHTML.slice(0, 80))")
# The contrast of each text with what is behind it, by WCAG 2.1: the least.
CONTRAST = """(() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  let least = 21;
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    if (e.closest('meter')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return Math.floor(least * 100) / 100;
})()"""


class Browser:
    def __init__(self, program, profile):
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()

        def descriptors():
            # Away from 3 and 4 first: either may be what the other has to become.
            first, second = os.dup(to_read), os.dup(to_write)
            while first in (3, 4):
                first = os.dup(first)
            while second in (3, 4):
                second = os.dup(second)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-extensions", "--metrics-recording-only", "--hide-scrollbars",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
             "--force-color-profile=srgb", "--remote-debugging-pipe",
             f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=descriptors, close_fds=False)
        os.close(to_read)
        os.close(to_write)
        self.number, self.rest, self.events, self.session = 0, b"", [], None

    def receive(self, until):
        while b"\0" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.from_browser], [], [], left)[0]:
                raise TimeoutError("the browser did not answer in time")
            some = os.read(self.from_browser, 1 << 20)
            if not some:
                raise EOFError("the browser has ended")
            self.rest += some
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        left = memoryview(json.dumps(message).encode() + b"\0")
        while left:
            left = left[os.write(self.to_browser, left):]
        until = time.monotonic() + LIMIT
        while True:
            answer = self.receive(until)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def js(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def attach(self):
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        answer = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self.session = answer["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def show(self, url, width, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=844,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=url)
        until = time.monotonic() + LIMIT
        loaded = "Page.loadEventFired"
        seen = len(self.events)
        while not any(event.get("method") == loaded for event in self.events[seen:]):
            self.events.append(self.receive(until))
        self.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def shot(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip={
            "x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12000),
            "scale": 1})["data"]
        path.write_bytes(base64.b64decode(data))

    def complaints(self):
        told = {"Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled",
                "Page.javascriptDialogOpening"}
        return [json.dumps(event["params"]) for event in self.events if event.get("method") in told]

    def requests(self):
        urls = [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]
        return sorted({url for url in urls if not url.startswith("data:")})


def look(browser, url, shots):
    saw = {"views": {}}
    for width in (390, 1200):
        for scheme in ("light", "dark"):
            browser.show(url, width, scheme)
            browser.shot(shots / f"{width}-{scheme}.png")
            saw["views"][f"{width}-{scheme}"] = {
                "width": browser.js("document.documentElement.scrollWidth"),
                "wider": browser.js(WIDER),
                "contrast": browser.js(CONTRAST),
                "ground": browser.js("getComputedStyle(document.body).backgroundColor"),
                "small": browser.js(SMALL),
            }
    saw["scripts"] = browser.js("document.scripts.length")
    saw["foreign"] = browser.js("document.querySelectorAll('img, iframe, base, object, form').length")
    saw["handlers"] = browser.js(
        "[...document.querySelectorAll('*')].filter(e => [...e.attributes]"
        ".some(a => a.name.startsWith('on') || a.name === 'style')).length")
    saw["links"] = browser.js("[...new Set([...document.links].map(a => a.pathname))].sort()")
    saw["origins"] = browser.js("[...new Set([...document.links].map(a => a.origin))]")
    saw["headings"] = browser.js("[...document.querySelectorAll('h1, h2')].map(h => h.textContent)")
    saw["unnamed"] = browser.js(UNNAMED)
    saw["lang"] = browser.js("document.documentElement.lang")
    saw["hacked"] = browser.js("typeof window.hacked !== 'undefined'")
    saw["styled"] = browser.js("getComputedStyle(document.querySelector('.numbers')).listStyleType")
    saw["requests"], saw["complaints"] = browser.requests(), browser.complaints()
    return saw


def main():
    program, url, shots = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            browser.attach()
            saw = look(browser, url, shots)
            browser.session = None
            browser.call("Browser.close")
            browser.process.wait(10)
        finally:
            if browser.process.poll() is None:
                browser.process.kill()
                browser.process.wait()
    json.dump(saw, sys.stdout, indent=1)
    print()


main()
