"""The page that shows two listings side by side, and the form that says what a merge keeps of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, Form, HiddenField, RadioField
from wtforms.fields import SelectChoice

from directory.accounts.policy import Action, may
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import attestations_of
from directory.duplicates.tables import DuplicatePair
from directory.errors import FieldError, Invalid
from directory.listings.changes import ADDRESSES, address_document, address_text
from directory.listings.field import Field
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.review.merges import MERGED_FIELDS
from directory.web.support.form_errors import submitted_version
from directory.web.support.requests import actor, session
from directory.web.support.state_labels import ATTESTATION_LABELS, LISTING_LABELS

FIELD_PREFIX = "take_"
OWN_LISTING_MESSAGE = "You manage one of these listings, so somebody else has to decide."


class MergeForm(Form):  # type: ignore[misc]  # WTForms has no types
    """Which listing stays, by id; `merge_form` adds a field for each value that differs."""

    keep = RadioField("Which listing stays?", validate_choice=False)
    addresses = BooleanField("Add the addresses of the other listing")
    one_version = HiddenField()
    other_version = HiddenField()

    def choices(self, pair: DuplicatePair) -> dict[str, Any]:
        """Return the arguments `keep`, `taken` and `versions` of `merge_pair`.

        Raises:
            Invalid: it is not said which listing stays.
        """
        ids = {str(pair.one_id), str(pair.other_id)}
        if self.keep.data not in ids:
            raise Invalid([FieldError("keep", "Choose which of the two listings stays.")])
        (other,) = ids - {self.keep.data}
        taken = [
            field.name.removeprefix(FIELD_PREFIX)
            for field in self
            if field.name.startswith(FIELD_PREFIX) and field.data == other
        ]
        versions = {
            pair.one_id: submitted_version(self.one_version),
            pair.other_id: submitted_version(self.other_version),
        }
        return {
            "keep": int(self.keep.data),
            "taken": [*taken, ADDRESSES] if self.addresses.data else taken,
            "versions": versions,
        }


@dataclass(frozen=True, slots=True)
class DuplicatePage:
    """`console/duplicate.html`; `same` are the fields that need no choice, and `facts` what no merge changes.

    `hindrance` says why the reviewer may not decide; `following` is the address of the next pair.
    """

    pair: DuplicatePair
    same: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str, str], ...]
    form: MergeForm
    hindrance: str
    following: str


def merge_form(pair: DuplicatePair, typed: Mapping[str, str] | None = None) -> MergeForm:
    """Return the form of a pair, with a choice for each value that differs.

    At first the listing with answers, managers or a public page stays, and its values unless it states none.
    """
    kept = max((pair.one, pair.other), key=_weight)
    names = {pair.one_id: pair.one.name, pair.other_id: pair.other.name}
    fields = {FIELD_PREFIX + each.name: _choice(each, pair, kept) for each in _differing(pair)}
    made: MergeForm = type("PairMergeForm", (MergeForm,), fields)(typed, keep=str(kept.id))
    made.keep.choices = [SelectChoice(str(listing_id), name) for listing_id, name in names.items()]
    made.one_version.data = made.one_version.data or str(pair.one.version)
    made.other_version.data = made.other_version.data or str(pair.other.version)
    return made


def duplicate_page(pair: DuplicatePair, form: MergeForm, *, following: str) -> DuplicatePage:
    """Return the page of a pair."""
    both = (pair.one, pair.other)
    different = _differing(pair)
    same = [each for each in MERGED_FIELDS if each not in different]
    allowed = all(may(actor(), Action.DECIDE, right=listing.right_of(actor().id)) for listing in both)
    described = (("State", _state), ("Addresses", _addresses), ("Managed by", _managers), ("Answers", _answers))
    return DuplicatePage(
        pair=pair,
        same=tuple((each.label, _text(each, pair.one)) for each in same if getattr(pair.one, each.name)),
        facts=tuple((label, describe(pair.one), describe(pair.other)) for label, describe in described),
        form=form,
        hindrance="" if allowed else OWN_LISTING_MESSAGE,
        following=following,
    )


def _differing(pair: DuplicatePair) -> list[Field]:
    return [each for each in MERGED_FIELDS if not each.is_same(_stored(each, pair.one), _stored(each, pair.other))]


def _choice(declared: Field, pair: DuplicatePair, kept: Listing) -> RadioField:
    other = pair.other if kept is pair.one else pair.one
    preferred = kept if getattr(kept, declared.name) or not getattr(other, declared.name) else other
    choices = [SelectChoice(str(each.id), _text(declared, each)) for each in (pair.one, pair.other)]
    return RadioField(declared.label, choices=choices, default=str(preferred.id), validate_choice=False)


def _stored(declared: Field, listing: Listing) -> Any:
    return declared.stored(getattr(listing, declared.name))


def _text(declared: Field, listing: Listing) -> str:
    return declared.display(_stored(declared, listing))


def _weight(listing: Listing) -> tuple[bool, bool, bool, int]:
    is_published = listing.state is ListingState.PUBLISHED
    return is_published, bool(_answers(listing)), bool(listing.managers), -listing.id


def _state(listing: Listing) -> str:
    return LISTING_LABELS[listing.state]


def _answers(listing: Listing) -> str:
    """Return the state of the answers that count or wait; empty if there are none."""
    states = {each.state for each in attestations_of(session(), [listing.id])}
    shown = (AttestationState.ACCEPTED, AttestationState.SUBMITTED)
    return next((ATTESTATION_LABELS[state] for state in shown if state in states), "")


def _managers(listing: Listing) -> str:
    return ", ".join(session().get_one(Account, row.account_id).name for row in listing.managers)


def _addresses(listing: Listing) -> str:
    return "; ".join(address_text(address_document(row)) for row in listing.locations)
