"""The main job from sign-in to the badge, pressed through the pages without JavaScript."""

from support.http_client import Browser

ENTRY = {
    "kind": "person",
    "name": "Ann Example",
    "credential": "MD",
    "npi": "1234567893",
    "addresses-0-line1": "403 Summit Boulevard",
    "addresses-0-city": "Broomfield",
    "addresses-0-state": "CO",
    "addresses-0-postal_code": "80021",
}
ANSWERS = {
    "volume_per_site_ml-low": "8",
    "distinct_sites-low": "5",
    "distinct_sites-high": "6",
    "imaging_guidance-methods": ["fluoroscopy"],
    "imaging_guidance-how_often": "always",
    "harvest_bone-value": "posterior_iliac_crest",
}
SIGNATURE = {"signer_name": "Ann Example", "signer_role": "Medical director"}


def test_a_provider_lists_answers_and_signs_and_a_reviewer_publishes_and_accepts(
    as_provider: Browser, as_reviewer: Browser, visitor: Browser
) -> None:
    page = as_provider.open("/portal/listings/new")
    page = as_provider.press(page, "Save and continue", ENTRY)
    assert "Your listing is kept as a draft" in page.text
    page = as_provider.press(page, "Submit for publication")
    assert "waits for a reviewer" in page.text
    page = as_provider.open(f"{page.path}/attestation")
    page = as_provider.press(page, "Save and review", ANSWERS)
    assert "All 4 answers match" in page.text
    page = as_provider.press(page, "I agree and sign", SIGNATURE)
    assert "Answers wait for a reviewer" in page.text
    assert "Ann Example" not in visitor.open("/providers?near=80021").text

    queue = as_reviewer.open("/console/")
    assert "1 waiting" in queue.text
    assert "New listing Answers" in queue.text
    page = as_reviewer.press(as_reviewer.open("/console/listings/1"), "Publish")
    page = as_reviewer.press(as_reviewer.open("/console/attestations/1"), "Accept")
    assert "Nothing waits" in page.text
    assert "Ann Example" in visitor.open("/providers?near=80021").text
    assert "All 4 answers match" in visitor.open("/providers/ann-example-broomfield-co").text
