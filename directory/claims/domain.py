"""The domain of a practice's web address, if email addresses at that domain can prove anything."""

import ipaddress
from urllib.parse import urlsplit

SHARED_DOMAINS = frozenset(
    (
        # Free mail.
        "aol.com att.net bellsouth.net charter.net comcast.net cox.net earthlink.net fastmail.com gmail.com gmx.com "
        "gmx.net googlemail.com hey.com hotmail.com hushmail.com icloud.com juno.com live.com mac.com mail.com me.com "
        "msn.com optonline.net outlook.com pm.me proton.me protonmail.com roadrunner.com rocketmail.com "
        "sbcglobal.net tutanota.com verizon.net yahoo.com yandex.com ymail.com zoho.com "
        # Hosts that many share: builders, hosts, social networks, link pages.
        "about.me bio.link blogspot.com business.site carrd.co facebook.com fb.com firebaseapp.com github.io "
        "gitlab.io godaddysites.com google.com herokuapp.com instagram.com jimdofree.com jimdosite.com linkedin.com "
        "linktr.ee medium.com mystrikingly.com myshopify.com netlify.app notion.site onrender.com pages.dev "
        "square.site squarespace.com substack.com tiktok.com tumblr.com twitter.com vercel.app web.app webflow.io "
        "webnode.com weebly.com wix.com wixsite.com wordpress.com x.com youtube.com "
        # Directories and portals of providers.
        "castleconnolly.com doctor.com doximity.com healthgrades.com md.com npidb.org npino.com patientfusion.com "
        "psychologytoday.com ratemds.com sharecare.com usnews.com vitals.com webmd.com yelp.com zocdoc.com"
    ).split()
)
"""Domains at which strangers can have an address or a page; their subdomains count too."""

MAX_DOMAIN = 253
"""Maximum length of a domain name in characters (RFC 1035)."""


def practice_domain(url: str) -> str | None:
    """Return the host of a web address without `www.`, or None if an address there would prove nothing."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").encode("idna").decode().lower()
    except (UnicodeError, ValueError):
        return None
    host = host.removeprefix("www.")
    if not host or "." not in host or len(host) > MAX_DOMAIN or _is_address(host) or is_shared(host):
        return None
    return host


def is_shared(domain: str) -> bool:
    """Whether the domain, or one that it belongs to, is one at which strangers can have an address."""
    labels = domain.lower().split(".")
    return any(".".join(labels[start:]) in SHARED_DOMAINS for start in range(len(labels)))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
