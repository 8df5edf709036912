"""A browser and its system in words."""

import pytest

from directory.web.support.device import device_name

SAFARI = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {SAFARI} Chrome/139.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {SAFARI} Chrome/139.0 Safari/537.36 Edg/139.0", "Edge on Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {SAFARI} Chrome/139.0 Safari/537.36 OPR/122.0", "Opera on Linux"),
        (
            f"Mozilla/5.0 (Linux; Android 15; SM-S921B) {SAFARI} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Mac"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {SAFARI} CriOS/139.0 Mobile Safari/604.1",
            "Chrome on iPhone",
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {SAFARI} Chrome/139.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
        ("x" * 5000, "Unknown browser"),
    ],
)
def test_a_device_is_named_in_a_few_words(agent: str, name: str) -> None:
    assert device_name(agent) == name
    assert len(name) <= 60
