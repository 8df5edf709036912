"""What must not happen in a browser on any page of any journey."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

LOCAL_SCHEMES = ("data:", "blob:", "about:")
SIGNED_IN_PATHS = re.compile("/(signin|portal|console|account)/|/providers/[^/]+/claim")
MIN_CLIENT_ERROR, MIN_SERVER_ERROR = 400, 500

REPORT_OVERFLOW = """
addEventListener("load", () => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) console.error(`${location.pathname} is ${scrollWidth} px wide in ${clientWidth} px`);
});
"""


class BrowserMonitor:
    """Collects faults: requests to others, script errors, breaches of the content security policy, and traces left."""

    def __init__(self, served: str) -> None:
        self.faults: list[str] = []
        self._served = served
        self._signed_in: set[BrowserContext] = set()
        self._refused: set[str] = set()
        self._said: list[tuple[str, str]] = []
        self._failed: list[str] = []
        self._awaited: tuple[str, ...] = ()

    def await_words(self, *beginnings: str) -> None:
        """Let the console say what begins like this: the test is about it."""
        self._awaited += beginnings

    def over(self, context: BrowserContext) -> None:
        """Watch everything in `context` from now on."""
        context.add_init_script(REPORT_OVERFLOW)
        context.on("request", lambda request: self._request(context, request))
        context.on("response", self._response)
        context.on("requestfailed", lambda request: self._failed.append(f"{request.failure} for {request.url}"))
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        context.on("console", self._console)

    def finally_over(self, context: BrowserContext) -> None:
        """Look at what is left in `context`: a patient's browser keeps nothing."""
        if context not in self._signed_in:
            left = context.storage_state()
            if left["cookies"] or left["origins"]:
                self.faults.append(f"left in a patient's browser: {left}")
        # A browser logs each page that was refused as an error; the journey itself says what it expects of the page.
        said = [
            (text, url) for text, url in self._said if url not in self._refused and not text.startswith(self._awaited)
        ]
        self.faults += [f"{text} ({url})" for text, url in said]
        if said:
            self.faults += self._failed  # a page that is left cuts off requests: alone that is no fault
        self._said.clear()

    def _request(self, context: BrowserContext, request: Request) -> None:
        if not request.url.startswith((f"{self._served}/", *LOCAL_SCHEMES)):
            self.faults.append(f"asked another host: {request.url}")
        if SIGNED_IN_PATHS.match(urlsplit(request.url).path):
            self._signed_in.add(context)

    def _response(self, response: Response) -> None:
        if response.status >= MIN_SERVER_ERROR:
            self.faults.append(f"{response.status} for {response.url}")
        elif response.status >= MIN_CLIENT_ERROR and response.request.is_navigation_request():
            self._refused.add(response.url)
        elif response.status >= MIN_CLIENT_ERROR:
            self.faults.append(f"{response.status} for {response.url}, a part of a page")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._said.append((message.text, message.location["url"]))
