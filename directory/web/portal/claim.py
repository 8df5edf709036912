"""Pages on which a provider claims a listing: the form, the state of the claim, and its code or token."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import CombinedMultiDict

from directory import transaction
from directory.claims import commands, queries, tokens
from directory.claims.codes import CodeResult
from directory.claims.domain_lookup import FILE_PATH, RECORD_LABEL
from directory.claims.lifecycle import ClaimState
from directory.claims.proofs import ProofOffer, proof_offers
from directory.claims.tables import Claim, Proof
from directory.claims.tokens import TokenResult
from directory.errors import Conflict, FieldError, Invalid
from directory.listings.tables import Listing
from directory.web.portal import claim_answers  # noqa: F401  importing a views module registers its routes
from directory.web.portal.claim_form import ClaimForm, CodeForm
from directory.web.portal.claim_parts import ListingCard, ViewResponse, blueprint, listing_card, my_claim
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.limits import limiter
from directory.web.support.requests import account, actor, now, services, session
from directory.web.support.templating import render
from directory.web.support.uploads import UPLOAD_LIMIT, permit_large_request

__all__ = ["blueprint"]

CODE_ERRORS = {
    CodeResult.WRONG: "This is not the code. Look at it again.",
    CodeResult.ENDED: "This code counts no more: it was used, is older than 30 minutes, or was typed wrong five times.",
}

CHECK_LIMIT = "20 per hour"
"""Checks of domains per IP address; arbitrary, enough to correct a record a few times."""

LOOKUP_ERRORS = {
    TokenResult.NOTHING: "We found no token at your domain yet. A new DNS record can take an hour until we see it.",
    TokenResult.OTHER: "We found another token at your domain. Replace it by the one on this page.",
}

STEP_OF_PROOF = {Proof.MAIL: "Your code", Proof.PHONE: "Your code", Proof.DOMAIN: "Your token"}


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """`portal/claim.html`: the form, with the possible proofs."""

    listing: ListingCard
    form: ClaimForm
    offers: tuple[ProofOffer, ...]


@dataclass(frozen=True, slots=True)
class ClaimStatusPage:
    """`portal/claim_status.html`: the state of an open claim, and the form for its code or token if it waits for one.

    `current` is the current one of `steps`. `can_check` is whether the operator allows to check domains.
    """

    listing: ListingCard
    claim: Claim
    form: CodeForm
    steps: tuple[str, ...]
    current: int
    wants_code: bool
    wants_token: bool
    token_expired: bool
    can_check: bool
    by_mail: bool
    disputed: bool
    record_name: str = ""
    file_url: str = ""


@blueprint.get("")
def claim(slug: str) -> ViewResponse:
    """Show the claim form, or the state of the claim that the provider has made."""
    listing = queries.claimable_listing(session(), slug)
    if listing.right_of(actor().id):
        return redirect(url_for("portal.listing", listing_id=listing.id), 303)
    made = queries.open_claim(session(), listing.id, actor().id)
    if made is not None:
        return render("portal/claim_status.html", _status_page(made, CodeForm()))
    return render("portal/claim.html", _form_page(listing, ClaimForm(contact=_own_address())))


@blueprint.post("")
@limiter.limit(UPLOAD_LIMIT)
def make_claim(slug: str) -> ViewResponse:
    """Claim the listing, or show the form with errors."""
    listing = queries.claimable_listing(session(), slug)
    form = ClaimForm(CombinedMultiDict([request.form, request.files]))
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        made = commands.make_claim(
            writing, listing, form.request(), by=actor(), now=now(), checks_domains=_checks_domains()
        )
        flash("We mailed you a code." if made.proof is Proof.MAIL else "We have your claim.", "success")
        return redirect(url_for("claims.claim", slug=slug), 303)
    return render("portal/claim.html", _form_page(listing, form)), refused.status


@blueprint.post("/code")
@limiter.limit(UPLOAD_LIMIT)
def enter_code(slug: str) -> ViewResponse:
    """Try a code, or show the page with an error."""
    made, form = my_claim(slug), CodeForm(request.form)

    def prove() -> str:
        typed = form.typed()
        # A wrong code is committed too, because each try counts.
        with transaction.atomic() as writing:
            result = commands.enter_code(writing, made, typed, by=actor(), now=now())
        if result in CODE_ERRORS:
            raise Invalid([FieldError("code", CODE_ERRORS[result])])
        return "The code is right. A reviewer looks at your claim next."

    return _proof_response(made, form, prove)


@blueprint.post("/code/new")
@limiter.limit(UPLOAD_LIMIT)
def new_code(slug: str) -> ViewResponse:
    """Mail another code."""
    made = my_claim(slug)

    def send() -> str:
        with transaction.atomic() as writing:
            commands.send_code(writing, made, by=actor(), now=now())
        return "We mailed you another code. The one before counts no more."

    return _proof_response(made, CodeForm(), send)


@blueprint.post("/token")
@limiter.limit(CHECK_LIMIT)
def check_token(slug: str) -> ViewResponse:
    """Look for the token at the domain, or show the page with an error."""
    made = my_claim(slug)

    def prove() -> str:
        commands.require_token(made, by=actor(), now=now())
        published = _look_up(made)
        with transaction.atomic() as writing:
            result = commands.prove_domain(writing, made, published, by=actor(), now=now())
        if result in LOOKUP_ERRORS:
            raise Invalid([FieldError("", LOOKUP_ERRORS[result])])
        return "We found your token. A reviewer looks at your claim next."

    return _proof_response(made, CodeForm(), prove)


@blueprint.post("/token/new")
def new_token(slug: str) -> ViewResponse:
    """Make another token."""
    made = my_claim(slug)

    def renew() -> str:
        with transaction.atomic() as writing:
            commands.renew_token(writing, made, by=actor(), now=now())
        return "This is your new token. The one before counts no more."

    return _proof_response(made, CodeForm(), renew)


@blueprint.post("/withdraw")
def withdraw(slug: str) -> ViewResponse:
    """Withdraw the claim."""
    made = my_claim(slug)
    with transaction.atomic() as writing:
        commands.withdraw(writing, made, by=actor(), now=now())
    flash("Your claim is withdrawn.", "success")
    return redirect(url_for("portal.home"), 303)


# A URL value preprocessor runs before the CSRF check, which reads the whole form.
@blueprint.url_value_preprocessor
def _allow_large_upload(endpoint: str | None, _values: object) -> None:
    if endpoint == "claims.make_claim":
        permit_large_request()


def _proof_response(made: Claim, form: CodeForm, act: Callable[[], str]) -> ViewResponse:
    """Do a step of a proof and return to the claim with what `act` says, or show the page with its error."""
    with FormErrorHandler(form) as refused:
        flash(act(), "success")
        return redirect(url_for("claims.claim", slug=made.listing.slug), 303)
    return render("portal/claim_status.html", _status_page(made, form)), refused.status


def _own_address() -> str:
    who = account()
    return who.email if who is not None else ""


def _checks_domains() -> bool:
    return services().domain_lookup is not None


def _look_up(made: Claim) -> frozenset[str]:
    lookup, domain = services().domain_lookup, made.target
    if lookup is None:
        raise Conflict("This directory checks no domains at the moment. Withdraw the claim, and choose another proof.")
    # Nothing stays locked or connected while another server takes its time.
    session().rollback()
    return lookup(domain)


def _form_page(listing: Listing, form: ClaimForm) -> ClaimPage:
    offers = proof_offers(session(), listing, checks_domains=_checks_domains())
    form.offer(offers)
    return ClaimPage(listing_card(listing), form, offers)


def _status_page(made: Claim, form: CodeForm) -> ClaimStatusPage:
    step = STEP_OF_PROOF.get(made.proof, "")
    steps = tuple(name for name in ("You and your proof", step, "A reviewer decides") if name)
    unproved = bool(step) and made.proved_at is None
    return ClaimStatusPage(
        listing=listing_card(made.listing),
        claim=made,
        form=form,
        steps=steps,
        current=2 if unproved else len(steps),
        wants_code=unproved and made.proof is not Proof.DOMAIN,
        wants_token=unproved and made.proof is Proof.DOMAIN,
        token_expired=tokens.is_expired(made, now=now()),
        can_check=_checks_domains(),
        record_name=f"{RECORD_LABEL}.{made.target}",
        file_url=f"https://{made.target}{FILE_PATH}",
        by_mail=made.proof is Proof.MAIL,
        disputed=made.state is ClaimState.DISPUTED,
    )
