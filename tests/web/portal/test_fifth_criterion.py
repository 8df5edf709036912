"""A newer ruleset that asks one thing more: form, grading and signature follow from the file alone."""

import dataclasses
import textwrap
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from support import databases
from support.factories import make_attestation, make_listing, sign_in
from support.http_client import Browser, FormValues

import directory.certification.ruleset as rulesets_module
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets, bundled_rulesets, parse_ruleset
from directory.config import Settings

QUESTIONS = "/portal/listings/1/attestation"
KEEP, SIGN = "Save and review", "I agree and sign"
ANSWERS: FormValues = {
    "volume_per_site_ml-low": "8",
    "distinct_sites-low": "5",
    "imaging_guidance-methods": ["fluoroscopy"],
    "imaging_guidance-how_often": "always",
    "harvest_bone-value": "posterior_iliac_crest",
}
SIGNATURE: FormValues = {"signer_name": "Ann Example", "signer_role": "Medical director"}

FIFTH = {
    "quantity": """
        decimals = 1
        unit = "cm"
        limits = { at_least = 0.5, at_most = 20 }
        right = { at_least = 2 }
        wrong = { at_most = 1 }
        """,
    "count": """
        unit = "turns"
        limits = { at_least = 0, at_most = 9 }
        right = { at_least = 2 }
        wrong = { at_most = 0 }
        """,
    "choice": """
        options = [
            { value = "yes", label = "Yes, always turned", phrase = "a turned needle" },
            { value = "no", label = "No, never turned", phrase = "a straight needle" },
        ]
        right = ["yes"]
        wrong = ["no"]
        """,
    "choices": """
        options = [
            { value = "left", label = "To the left side", phrase = "a left turn" },
            { value = "right_side", label = "To the right side", phrase = "a right turn" },
        ]
        none = { label = "Not turned at all", phrase = "no turn" }
        right = { any_of = ["left"] }
        wrong = { none = true }
        """,
}
FILLED: dict[str, FormValues] = {
    "quantity": {"needle_turn-low": "3"},
    "count": {"needle_turn-low": "3"},
    "choice": {"needle_turn-value": "yes"},
    "choices": {"needle_turn-methods": ["left"]},
}


def with_a_fifth(kind: str) -> Rulesets:
    """The shipped rules and a newer version that asks one thing more."""
    folder = Path(rulesets_module.__file__).parent / "rulesets"
    text = (folder / f"{bundled_rulesets().current.id}.toml").read_text()
    head, details = text.split("[[details]]", maxsplit=1)
    says_none = 'says_none = "They never turn the needle."' if kind == "choices" else ""
    says_range = 'says_range = "They turn the needle {answer}."' if kind in {"quantity", "count"} else ""
    fifth = f"""
        [[criteria]]
        key = "needle_turn"
        kind = "{kind}"
        short = "Turning the needle"
        question = "How do you turn the needle?"
        patient_question = "Will you turn the needle?"
        right_answer = "Yes"
        wrong_answer = "No"
        why = "A turned needle reaches more places."
        strength = "weak"
        strength_text = "Nobody has looked."
        {textwrap.dedent(FIFTH[kind])}
        [criteria.sentences]
        says = "They turn the needle {{answer}}."
        {says_range}
        {says_none}
        not_stated = "They do not say if they turn the needle."
        rule = "The rule is to turn it."

        [[criteria.citations]]
        authors = "Nobody"
        title = "Nothing"
        reference = "Nowhere"
        stance = "for"
        finding = "None."
        """
    newer = f"{head}{textwrap.dedent(fifth)}\n[[details]]{details}".replace(
        f'id = "{bundled_rulesets().current.id}"', 'id = "bma-9999.1"'
    )
    made = dataclasses.replace(parse_ruleset(newer), published=bundled_rulesets().current.published.replace(year=9999))
    return Rulesets((made, *bundled_rulesets().newest_first))


@pytest.mark.parametrize("kind", list(FIFTH))
def test_a_fifth_criterion_in_the_rules_is_asked_graded_and_signed_with_no_code_changed(
    settings: Settings, session: Session, provider: Account, reviewer: Account, kind: str
) -> None:
    make_listing(session, provider)
    session.commit()
    with databases.create_application(settings, with_a_fifth(kind)) as newer:
        browser = Browser(sign_in(newer.test_client(), provider))
        page = browser.open(QUESTIONS)
        assert "How do you turn the needle?" in page.text
        review = browser.press(page, KEEP, {**ANSWERS, **FILLED[kind]})
        assert "Will you turn the needle?" in review.text
        assert "A turned needle reaches more places." in review.text
        assert "All 5 answers match" in review.text
        assert "Answers wait for a reviewer" in browser.press(review, SIGN, SIGNATURE).text
        seen = Browser(sign_in(newer.test_client(), reviewer)).open("/console/attestations/1")
        assert "Will you turn the needle?" in seen.text
        assert session.query(Attestation).one().ruleset_id == "bma-9999.1"


def test_a_draft_under_older_rules_is_looked_through_again_before_signing(
    settings: Settings, session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider)
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    session.commit()
    with databases.create_application(settings, with_a_fifth("count")) as newer:
        browser = Browser(sign_in(newer.test_client(), provider))
        page = browser.open(f"/portal/attestations/{draft.id}/review")
        assert page.path == QUESTIONS
        assert page.form(KEEP).fields["distinct_sites-low"] == "5"
        assert "Will you turn the needle?" in browser.press(page, KEEP, {"needle_turn-low": "3"}).text
