"""The name of a browser and its system, in words, from the User-Agent header."""

# The first match wins: Edge, Opera and Samsung Internet also name Chrome, and Chrome also names Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Return for example "Firefox on Windows"; "Unknown browser" if the header says neither."""
    browser = _first_match(user_agent, _BROWSERS) or "Unknown browser"
    system = _first_match(user_agent, _SYSTEMS)
    return f"{browser} on {system}" if system else browser


def _first_match(text: str, words: tuple[tuple[str, str], ...]) -> str:
    return next((name for part, name in words if part in text), "")
