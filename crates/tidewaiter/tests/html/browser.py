#!/usr/bin/env python3
"""Opens pages in headless Chromium, uses them as a reader would, and says what it saw as JSON.

    browser.py CHROMIUM PAGE.html SHOTS [SEARCH]

SHOTS is a folder for screenshots. Speaks the DevTools protocol over a pipe: Chromium reads
NUL-ended JSON from descriptor 3 and writes it to 4. Needs nothing but Python's own library.
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
             "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--disable-extensions", "--disable-default-apps",
             "--disable-domain-reliability", "--disable-breakpad", "--metrics-recording-only",
             "--disable-features=OptimizationHints,Translate,MediaRouter",
             "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars",
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

    def wait(self, method):
        until = time.monotonic() + LIMIT
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive(until))

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

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def scheme(self, value):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": value}])

    def load(self, url, frames=True):
        self.events.clear()
        start = time.monotonic()
        self.call("Page.navigate", url=url)
        self.wait("Page.loadEventFired")
        # Two frames: the page is there and drawn. Without script none would be told.
        if frames:
            self.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return time.monotonic() - start

    def complaints(self):
        found = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"].get("text", "exception"))
            if event.get("method") == "Log.entryAdded":
                found.append(params["entry"]["text"])
            if event.get("method") == "Runtime.consoleAPICalled":
                found.append(f"console: {params['type']}")
            if event.get("method") == "Page.javascriptDialogOpening":
                found.append(f"dialog: {params['message']}")
        return found

    def requests(self):
        urls = [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith("data:")]

    def shot(self, path, whole=False):
        extra = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            extra = {"captureBeyondViewport": True, "clip": {
                "x": 0, "y": 0, "width": size["width"],
                "height": min(size["height"], 12000), "scale": 1}}
        data = self.call("Page.captureScreenshot", format="png", **extra)["data"]
        path.write_bytes(base64.b64decode(data))

    def key(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, **({"text": "\r"} if key == "Enter" else {}))


SHOWN = "[...document.querySelectorAll('#rows > li')].filter(row => !row.hidden).length"


def look(browser, url, shots, search):
    saw = {"load_seconds": round(browser.load(url), 3), "requests": browser.requests()}
    saw["elements"] = browser.js("document.getElementsByTagName('*').length")
    saw["rows"] = browser.js(SHOWN)
    saw["scripts"] = browser.js("document.scripts.length")
    saw["handlers"] = browser.js(
        "[...document.querySelectorAll('*')].filter(e => [...e.attributes]"
        ".some(a => a.name.startsWith('on') || a.name === 'style')).length")
    saw["links"] = browser.js(
        "[...new Set([...document.links].map(a => a.protocol))].sort()")
    saw["plots"] = browser.js("document.querySelectorAll('figure svg[role=img] title').length")
    saw["noindex"] = browser.js("document.querySelector('meta[name=robots]').content")
    saw["hacked"] = browser.js("typeof window.hacked !== 'undefined'")
    browser.shot(shots / "light.png")
    browser.shot(shots / "light-whole.png", whole=True)
    if browser.js("document.getElementById('policies') !== null"):
        picture(browser, shots / "picture.png")
    browser.scheme("dark")
    browser.shot(shots / "dark-whole.png", whole=True)
    saw["dark"] = browser.js("getComputedStyle(document.body).backgroundColor")
    browser.scheme("light")
    saw["light"] = browser.js("getComputedStyle(document.body).backgroundColor")
    saw["download"] = download(browser, shots / "downloads")
    if saw["rows"]:
        use(browser, shots, search, saw)
    browser.size(390, 844)
    # The better of two: another program may have had the processor.
    saw["load_seconds"] = min(saw["load_seconds"], round(browser.load(url), 3))
    browser.js("for (const it of document.querySelectorAll('details')) it.open = true")
    saw["narrow"] = browser.js("document.documentElement.scrollWidth")
    saw["wider"] = browser.js(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 391"
        " && !e.closest('.scroll, svg')).slice(0, 5).map(e => e.outerHTML.slice(0, 120))")
    browser.js("for (const it of document.querySelectorAll('#rows details')) it.open = false")
    browser.shot(shots / "narrow-whole.png", whole=True)
    saw["complaints"] = browser.complaints()
    browser.size(1200, 900)
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.load(url, frames=False)
    saw["complaints"] += browser.complaints()
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    saw["without_script"] = browser.js(
        "[document.getElementById('filter')?.hidden, document.querySelectorAll('#rows summary').length]")
    pdf = browser.call("Page.printToPDF", printBackground=False)["data"]
    (shots / "print.pdf").write_bytes(base64.b64decode(pdf))
    return saw


def download(browser, folder):
    """Clicks the first table's file and waits for it."""
    folder.mkdir(exist_ok=True)
    browser.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder.resolve()))
    browser.js("document.querySelector('figure .csv a').click()")
    until = time.monotonic() + 10
    while time.monotonic() < until:
        for path in folder.glob("*.csv"):
            return [path.name, path.read_text().splitlines()[0]]
        time.sleep(0.05)
    return None


def picture(browser, path):
    """The part of the page that the README shows: the small-fix limit and the two policies."""
    top, bottom = browser.js(
        "[document.getElementById('small-fixes').getBoundingClientRect().top + scrollY,"
        " document.querySelector('#policies .figures').getBoundingClientRect().bottom + scrollY]")
    clip = {"x": 0, "y": top, "width": 1200, "height": bottom - top, "scale": 0.9}
    data = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    path.write_bytes(base64.b64decode(data["data"]))


def use(browser, shots, search, saw):
    """Filters, sorts, opens a row with the keyboard, follows a link to another row."""
    def choose(box, value):
        browser.js(f"(() => {{ const it = document.getElementById('{box}'); it.value = {json.dumps(value)};"
                   "it.dispatchEvent(new Event('change', {bubbles: true})) })()")
        return browser.js(SHOWN)

    saw["decline"] = choose("f-outcome", "decline")
    saw["count"] = browser.js("document.getElementById('f-count').textContent")
    choose("f-outcome", "")
    saw["states"] = choose("f-says", "d")
    choose("f-says", "")
    choose("f-sort", "lines")
    saw["most_lines_first"] = browser.js(
        "(rows => rows.every((row, at) => !at || +rows[at - 1].dataset.l >= +row.dataset.l))"
        "([...document.querySelectorAll('#rows > li')])")
    choose("f-sort", "")
    browser.js("document.getElementById('f-text').focus()")
    browser.call("Input.insertText", text=search)
    browser.js("new Promise(done => setTimeout(done, 400))")
    saw["found"] = browser.js(SHOWN)
    browser.js("document.getElementById('f-text').value = '';"
               "document.getElementById('f-text').dispatchEvent(new Event('input', {bubbles: true}))")
    browser.js("new Promise(done => setTimeout(done, 400))")
    browser.js("document.querySelector('#rows summary').focus()")
    browser.key("Enter", 13)
    saw["opened"] = browser.js("document.querySelector('#rows details').open")
    saw["focus"] = browser.js("getComputedStyle(document.activeElement).outlineStyle")
    browser.js("document.getElementById('series').scrollIntoView()")
    browser.shot(shots / "row.png")
    browser.js("location.hash = '#s' + document.querySelectorAll('#rows > li').length")
    browser.js("new Promise(done => setTimeout(done, 100))")
    saw["linked"] = browser.js("document.querySelector('#rows > li:last-child details').open")


def main():
    program, page, shots = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3])
    search = sys.argv[4] if len(sys.argv) > 4 else "hw"
    shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            browser.attach()
            browser.size(1200, 900)
            browser.scheme("light")
            saw = look(browser, page.as_uri(), shots, search)
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
