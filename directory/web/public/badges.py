"""Endpoints for badge images, signed credentials, the revocation list and the public keys."""

from typing import Any

from flask import Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from directory.badges import baking, credential, queries
from directory.badges.art import Art, Size, Theme, lay_out
from directory.badges.badge_text import BadgeText, badge_text
from directory.badges.credential import CredentialData, Issuer
from directory.badges.png import render_png
from directory.badges.queries import DisplayedBadge
from directory.badges.svg import render_svg
from directory.certification.wording import Standing, standing_words
from directory.errors import FieldError, Invalid
from directory.signing import jws
from directory.signing.keys import Keyring
from directory.web.public.blueprint import blueprint
from directory.web.support.headers import cache_publicly
from directory.web.support.requests import now, services, session
from directory.web.support.site_settings import Operator

BADGE_SECONDS = 60
"""How long a badge may be cached, in seconds; short, because a revoked badge must disappear soon."""


@blueprint.get("/badges/<slug>")
def badge_link(slug: str) -> AnyResponse:
    """Redirect to the page that proves the accepted answers, or else to the listing; the URL never changes."""
    public_id = queries.accepted_public_id(session(), slug)
    answer = redirect(f"/verify/{public_id}" if public_id else f"/providers/{slug}")
    answer.headers["Cache-Control"] = f"public, max-age={BADGE_SECONDS}, must-revalidate"
    return answer


@blueprint.get("/badges/<slug>.svg")
def badge_svg(slug: str) -> Response:
    """Return the current badge as SVG; the parameters `size` and `theme` choose the art."""
    shown = _showing(slug)
    picture = render_svg(_badge_art(shown.face), shown.face.sentence)
    return _badge_response(Response(picture, mimetype="image/svg+xml"), shown)


@blueprint.get("/badges/<slug>.png")
def badge_png(slug: str) -> Response:
    """Return the current badge as PNG; takes the parameters of the SVG."""
    shown = _showing(slug)
    picture = render_png(_badge_art(shown.face.in_plain_letters()))
    return _badge_response(Response(picture, mimetype="image/png"), shown)


@blueprint.get("/badges/<slug>.json")
def badge_json(slug: str) -> Response:
    """Return the content of the badge as JSON."""
    shown = _showing(slug)
    return _badge_response(jsonify(_badge_document(shown)), shown)


@blueprint.get("/credentials/<public_id>")
def credential_token(public_id: str) -> AnyResponse:
    """Return the credential of an accepted attestation as a signed token; browsers are redirected to its page."""
    if request.accept_mimetypes.best == "text/html":
        answer = redirect(f"/verify/{public_id}", 303)
        answer.vary.add("Accept")
        return answer
    response = _allow_any_origin(Response(_signed_credential(_credential_facts(public_id)), mimetype="text/plain"))
    response.vary.add("Accept")
    return response


@blueprint.get("/credentials/<public_id>.jwt")
def credential_file(public_id: str) -> Response:
    """Return the credential as a file to download."""
    return _download_response(_signed_credential(_credential_facts(public_id)), "text/plain", f"{public_id}.jwt")


@blueprint.get("/credentials/<public_id>.svg")
def baked_svg(public_id: str) -> Response:
    """Return the badge as an SVG file to download, with the credential baked in."""
    facts = _credential_facts(public_id)
    face = _credential_face(facts)
    picture = render_svg(lay_out(face, Size.WIDE, Theme.LIGHT), face.sentence)
    return _download_response(baking.bake_svg(picture, _signed_credential(facts)), "image/svg+xml", f"{public_id}.svg")


@blueprint.get("/credentials/<public_id>.png")
def baked_png(public_id: str) -> Response:
    """Return the badge as a PNG file to download, with the credential baked in."""
    facts = _credential_facts(public_id)
    picture = render_png(lay_out(_credential_face(facts).in_plain_letters(), Size.WIDE, Theme.LIGHT))
    return _download_response(baking.bake_png(picture, _signed_credential(facts)), "image/png", f"{public_id}.png")


@blueprint.get("/status/revocation/<int:number>")
def status_list(number: int) -> Response:
    """Return the list of revoked credentials as a signed token."""
    revoked = queries.revoked_indexes(session(), number, rulesets=services().rulesets, now=now())
    return _allow_any_origin(
        Response(_sign(credential.status_list_document(number, revoked, _issuer(), now=now())), mimetype="text/plain")
    )


@blueprint.get("/issuer")
def issuer() -> Response:
    """Return the document that describes the issuer of the credentials."""
    return _allow_any_origin(jsonify(_issuer().document()))


@blueprint.get("/.well-known/keys/<thumbprint>")
def key(thumbprint: str) -> Response:
    """Return one public key as a bare JWK, also a retired one; the URL is the `kid` in credentials."""
    return _allow_any_origin(_json_response(_keyring().find(thumbprint).public_jwk, "application/jwk+json"))


@blueprint.get("/.well-known/jwks.json")
def all_keys() -> Response:
    """Return all public keys as a JWK set, newest first."""
    return _allow_any_origin(_json_response(_keyring().public_jwks(), "application/jwk-set+json"))


def _showing(slug: str) -> DisplayedBadge:
    return queries.displayed_badge(session(), slug, rulesets=services().rulesets, now=now())


def _credential_facts(public_id: str) -> CredentialData:
    return queries.credential_data(session(), public_id, rulesets=services().rulesets)


def _badge_art(face: BadgeText) -> Art:
    size, theme = request.args.get("size", Size.WIDE), request.args.get("theme", Theme.LIGHT)
    faults = [
        FieldError(name, f"{name} must be one of {', '.join(known)}.")
        for name, value, known in (("size", size, list(Size)), ("theme", theme, list(Theme)))
        if value not in known
    ]
    if faults:
        raise Invalid(faults)
    return lay_out(face, Size(size), Theme(theme))


def _badge_document(shown: DisplayedBadge) -> dict[str, Any]:
    technique, base = shown.technique, services().settings.base_url
    return {
        "slug": shown.slug,
        "name": shown.face.name,
        "standing": shown.face.standing,
        "badge": shown.face.solid,
        "self_certified": True,
        "text": shown.face.sentence,
        "ruleset": technique.ruleset.id if technique else None,
        "signed_on": technique.signed_at.date().isoformat() if technique else None,
        "valid_until": credential.format_timestamp(technique.valid_until) if technique else None,
        "link": f"{base}/badges/{shown.slug}",
        "verify": f"{base}/verify/{shown.public_id}" if shown.public_id else None,
        "credential": f"{base}/credentials/{shown.public_id}" if technique else None,
    }


def _credential_face(facts: CredentialData) -> BadgeText:
    """Return the text of the badge as of the day when the credential was issued."""
    standing = Standing.BADGE if facts.assessment.badge_earned else Standing.NOT_EVERY_RULE
    words = standing_words(standing, grades=facts.assessment.grades, at=facts.valid_until)
    return badge_text(words, facts.ruleset.id, name=facts.provider, slug=facts.slug)


def _issuer() -> Issuer:
    settings = services().settings
    operator = Operator(settings)
    return Issuer(settings.base_url, operator.name, operator.disclosure)


def _keyring() -> Keyring:
    settings = services().settings
    return Keyring.open(settings.keys, settings.signing_key)


def _signed_credential(facts: CredentialData) -> str:
    return _sign(credential.credential_document(facts, _issuer()))


def _sign(payload: dict[str, Any]) -> str:
    current = _keyring().current
    return jws.sign(payload, current, headers={"kid": _issuer().kid(current.thumbprint), "typ": "JWT"})


def _json_response(document: dict[str, Any], mimetype: str) -> Response:
    response = jsonify(document)
    response.mimetype = mimetype
    return response


def _badge_response(response: Response, shown: DisplayedBadge) -> Response:
    """Limit caching to `BADGE_SECONDS`, and to the moment when the badge next changes by itself."""
    response = _allow_any_origin(response, shown)
    response.cache_control.max_age = min(response.cache_control.max_age or 0, BADGE_SECONDS)
    return response


def _allow_any_origin(response: Response, shown: DisplayedBadge | None = None) -> Response:
    """Let any site embed and read the response, and let caches keep it, but never serve it stale."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response = cache_publicly(response, until=shown.changes_at if shown else None, now=now())
    response.cache_control.must_revalidate = True
    return response


def _download_response(content: str | bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _allow_any_origin(response)
