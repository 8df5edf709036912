"""Which websites have a domain at which an address proves something."""

import pytest

from directory.claims.domain import SHARED_DOMAINS, practice_domain


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("https://www.example-practice.org/about", "example-practice.org"),
        ("https://Ortho.Hospital.EDU:8443/", "ortho.hospital.edu"),
        ("https://praxis-müller.example", "xn--praxis-mller-klb.example"),
        ("https://example.org.", "example.org"),
    ],
)
def test_the_domain_of_a_practice(website: str, domain: str) -> None:
    assert practice_domain(website) == domain


@pytest.mark.parametrize(
    "website",
    [
        "",
        "example.org",
        "https://localhost/",
        "https://192.0.2.7/",
        "https://[2001:db8::1]/",
        "https://[oops/",
        "https://gmail.com/",
        "https://dr-example.wixsite.com/home",
        "https://sites.google.com/view/example",
        "https://www.facebook.com/example",
        "https://" + "a" * 64 + ".example/",
        "https://" + ".".join(["abc"] * 80) + "/",
    ],
)
def test_a_website_that_strangers_share_or_that_has_no_domain_proves_nothing(website: str) -> None:
    assert practice_domain(website) is None


def test_a_domain_that_only_ends_alike_is_not_shared() -> None:
    assert practice_domain("https://notgmail.com") == "notgmail.com"
    assert all(name == name.lower() and "." in name for name in SHARED_DOMAINS)
