"""Claims, merges, hand-overs, decisions and undos in any order, and what holds after each of them."""

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy.orm import Session

from directory.accounts.policy import Right, Role
from directory.attestations import commands as attestations
from directory.attestations.commands import Signature
from directory.attestations.lifecycle import DECISIONS, AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.claims import commands, invitations, managers, queries
from directory.claims.lifecycle import ENDED, OPEN, WAITING, ClaimState, Move
from directory.claims.managers import Fate
from directory.claims.request import ClaimRequest
from directory.claims.tables import Claim, ClaimAnswers, ManagerInvitation, Proof, UnmanagedListing
from directory.duplicates.tables import DuplicatePair, ListingMerge
from directory.errors import Refusal
from directory.listings.changes import ADDRESSES
from directory.review.case_items import count_differences
from directory.review.claims import decide_claim
from directory.review.commands import decide_attestation
from directory.review.merges import merge_pair, undo_merge
from directory.review.tables import Decision
from directory.review.undo import undo_decision
from support.claims import DOCUMENT
from support.factories import MATCHING_ANSWERS, NOW, make_account, make_listing

PEOPLE, LISTINGS = st.integers(0, 3), st.integers(0, 1)
HOME = "https://directory.example"
VOLUME = bundled_rulesets().current.criteria[0].key
TEXTS = {f"{VOLUME}-low": ["8"]}


class ClaimMachine(RuleBasedStateMachine):
    """Four providers and two listings, one of which nobody ever managed."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self.people = [make_account(self.session, Role.PROVIDER) for _ in range(4)]
        self.reviewer = make_account(self.session, Role.REVIEWER)
        self.listings = [
            make_listing(self.session, self.people[0], reviewer=self.reviewer, website="https://practice.example")
            for _ in range(2)
        ]
        self.listings[1].managers.clear()
        self.session.flush()

    def attempt(self, do) -> None:
        """Do it, or nothing of it, as a request does."""
        savepoint = self.session.begin_nested()
        try:
            do()
        except Refusal:
            savepoint.rollback()
        else:
            savepoint.commit()

    @rule(who=PEOPLE, which=LISTINGS, proof=st.sampled_from([Proof.DOCUMENT, Proof.DOMAIN]))
    def claim(self, who: int, which: int, proof: Proof) -> None:
        account, listing = self.people[who], self.listings[which]
        request = ClaimRequest("Owner", "303-555-0199", proof, document=DOCUMENT if proof is Proof.DOCUMENT else None)
        how = {"by": account.actor, "now": NOW, "checks_domains": True}
        if account.active:
            self.attempt(lambda: commands.make_claim(self.session, listing, request, **how))

    @rule(who=PEOPLE, which=LISTINGS)
    def publish_token(self, who: int, which: int) -> None:
        account = self.people[who]
        found = queries.open_claim(self.session, self.listings[which].id, account.id)
        if found is not None:
            self.attempt(lambda: commands.prove_domain(self.session, found, {found.token}, by=account.actor, now=NOW))

    @rule(who=PEOPLE, which=LISTINGS, move=st.sampled_from([*Move]), replace=st.booleans())
    def decide(self, who: int, which: int, move: Move, replace: bool) -> None:
        latest = self.session.scalars(
            sa.select(Claim)
            .where(Claim.account_id == self.people[who].id, Claim.listing_id == self.listings[which].id)
            .order_by(Claim.id.desc())
            .limit(1)
        ).one_or_none()
        if latest is not None:
            self.attempt(lambda: self.decide_on(latest, move, replace))
            self.session.expire_all()
            if latest.state in WAITING and latest.listing.right_of(latest.account_id) is None:
                assert not self.answers_of(latest), "answers of somebody who has no right any more"

    def decide_on(self, claim: Claim, move: Move, replace: bool) -> None:
        how = {"by": self.reviewer.actor, "now": NOW, "rulesets": bundled_rulesets()}
        decide_claim(self.session, claim, move, reason="Why.", replace_others=replace, **how)

    @rule(which=st.integers(0, 20))
    def undo_decision(self, which: int) -> None:
        wanted = sa.select(Decision).where(Decision.undone_at.is_(None), Decision.undoes_id.is_(None))
        made = self.session.scalars(wanted.order_by(Decision.id.desc())).all()
        if made:
            how = {"by": self.reviewer.actor, "now": NOW, "rulesets": bundled_rulesets()}
            self.attempt(lambda: undo_decision(self.session, made[which % len(made)], **how))

    def answers_of(self, claim: Claim) -> list[Attestation]:
        """The answers to the listing that the claimant prepared or signed, and nobody decided on."""
        theirs = (Attestation.state == AttestationState.DRAFT) & (Attestation.prepared_by_id == claim.account_id)
        theirs |= (Attestation.state == AttestationState.SUBMITTED) & (Attestation.signed_by_id == claim.account_id)
        return list(
            self.session.scalars(sa.select(Attestation).where(Attestation.listing_id == claim.listing_id, theirs))
        )

    @rule(which=LISTINGS)
    def undo_approvals(self, which: int) -> None:
        approved = sa.select(Claim.account_id).where(
            Claim.listing_id == self.listings[which].id, Claim.state == ClaimState.APPROVED
        )
        ids = set(self.session.scalars(approved))
        for who, account in enumerate(self.people):
            if account.id in ids:
                self.decide(who, which, Move.REOPEN, replace=False)

    @rule(who=PEOPLE, which=LISTINGS, signs=st.booleans())
    def answer(self, who: int, which: int, signs: bool) -> None:
        """Answer as one of those who manage the listing."""
        listing, rules = self.listings[which], bundled_rulesets().current
        managing = [account for account in self.people if listing.right_of(account.id)]
        if not managing:
            return
        by = managing[who % len(managing)].actor

        def answered() -> None:
            draft = attestations.get_or_create_draft(self.session, listing, rules, by=by, now=NOW)
            typed = answers_from_json(rules, MATCHING_ANSWERS)
            attestations.save(self.session, draft, rules, typed, {}, version=draft.version, by=by, now=NOW)
            if signs:
                signature = Signature("Ann Example", "Owner", agreed=True, confirmed=frozenset(draft.unconfirmed))
                attestations.submit(self.session, draft, rules, signature, {}, version=draft.version, by=by, now=NOW)

        self.attempt(answered)

    @rule(which=LISTINGS, move=st.sampled_from(sorted(DECISIONS)))
    def decide_on_answers(self, which: int, move: object) -> None:
        how = {"by": self.reviewer.actor, "now": NOW, "rulesets": bundled_rulesets(), "reason": "Why."}
        for each in self.session.scalars(sa.select(Attestation).filter_by(listing_id=self.listings[which].id)).all():
            self.attempt(lambda each=each: decide_attestation(self.session, each, move, **how))

    @rule(who=PEOPLE, which=LISTINGS)
    def prepare_answers(self, who: int, which: int) -> None:
        found = queries.open_claim(self.session, self.listings[which].id, self.people[who].id)
        if found is not None and self.session.get(ClaimAnswers, found.id) is None:
            self.session.add(ClaimAnswers(claim_id=found.id, texts=TEXTS, updated_at=NOW))
            self.session.flush()

    @rule(who=PEOPLE, whom=PEOPLE, which=LISTINGS, right=st.sampled_from([*Right]), hands_over=st.booleans())
    def invite(self, who: int, whom: int, which: int, right: Right, hands_over: bool) -> None:
        owner, invited, listing = self.people[who], self.people[whom], self.listings[which]
        facts = {"by": owner.actor, "now": NOW, "home": HOME, "hands_over": hands_over}
        if owner.active:
            self.attempt(lambda: invitations.invite(self.session, listing, invited.email, right, **facts))

    @rule(who=PEOPLE, which=LISTINGS)
    def accept(self, who: int, which: int) -> None:
        account, listing = self.people[who], self.listings[which]
        pending = queries.pending_invitations(self.session, listing.id)
        for found in [row for row in pending if row.email == account.email and account.active]:
            self.attempt(
                lambda found=found: invitations.accept_invitation(
                    self.session, found, account, by=account.actor, now=NOW
                )
            )

    @rule(who=PEOPLE, which=LISTINGS, fate=st.sampled_from([None, *Fate]))
    def leave(self, who: int, which: int, fate: Fate | None) -> None:
        by = self.people[who].actor
        self.attempt(lambda: managers.leave(self.session, self.listings[which], fate, by=by, now=NOW))

    @rule(who=PEOPLE, whom=PEOPLE, which=LISTINGS)
    def remove(self, who: int, whom: int, which: int) -> None:
        by, account_id = self.people[who].actor, self.people[whom].id
        self.attempt(lambda: managers.remove_manager(self.session, self.listings[which], account_id, by=by, now=NOW))

    @rule(who=PEOPLE, whom=PEOPLE, which=LISTINGS, right=st.sampled_from([*Right]))
    def change_right(self, who: int, whom: int, which: int, right: Right) -> None:
        by, account_id, listing = self.people[who].actor, self.people[whom].id, self.listings[which]
        self.attempt(lambda: managers.change_right(self.session, listing, account_id, right, by=by, now=NOW))

    @rule(which=LISTINGS)
    def merge(self, which: int) -> None:
        """Merge the other listing into this one, as if somebody had found that they are one."""
        by, keep = self.reviewer.actor, self.listings[which].id

        def merged() -> None:
            one, other = self.listings
            pair = DuplicatePair(one_id=one.id, other_id=other.id, score=1.0, reasons=[], found_at=NOW)
            self.session.add(pair)
            self.session.flush()
            merge_pair(self.session, pair, keep=keep, taken=["website", ADDRESSES], by=by, now=NOW)

        self.attempt(merged)

    @rule()
    def split(self) -> None:
        current = sa.select(ListingMerge).where(ListingMerge.undone_at.is_(None))
        for found in self.session.scalars(current).all():
            self.attempt(lambda found=found: undo_merge(self.session, found, by=self.reviewer.actor, now=NOW))

    @rule(who=PEOPLE)
    def close_account(self, who: int) -> None:
        account = self.people[who]
        if account.active and sum(each.active for each in self.people) > 1:
            commands.release_listings(self.session, account, now=NOW)
            account.active = False
            self.session.flush()

    @invariant()
    def a_managed_listing_has_an_owner(self) -> None:
        for listing in self.listings:
            self.session.expire(listing, ["managers"])
            rights = [row.right for row in listing.managers]
            assert not rights or Right.OWNER in rights

    @invariant()
    def a_listing_that_lost_its_managers_is_a_case_and_no_other_is(self) -> None:
        cases = set(
            self.session.scalars(sa.select(UnmanagedListing.listing_id).where(UnmanagedListing.ended_at.is_(None)))
        )
        managed = {listing.id for listing in self.listings if listing.managers}
        merged = set(self.session.scalars(sa.select(ListingMerge.merged_id).where(ListingMerge.undone_at.is_(None))))
        assert not cases & managed
        assert not merged & (cases | managed)
        assert self.listings[0].id in cases | managed | merged

    @invariant()
    def nothing_belongs_to_a_closed_account(self) -> None:
        closed = {account.id for account in self.people if not account.active}
        assert not closed & {row.account_id for listing in self.listings for row in listing.managers}
        assert not closed & set(self.session.scalars(sa.select(Claim.account_id).where(Claim.state.in_(OPEN))))

    @invariant()
    def answers_are_kept_for_no_claim_that_came_to_nothing(self) -> None:
        kept = sa.select(Claim.state).join(ClaimAnswers, ClaimAnswers.claim_id == Claim.id)
        assert not ENDED & set(self.session.scalars(kept))

    @invariant()
    def every_pending_invitation_is_by_an_owner(self) -> None:
        pending = self.session.scalars(sa.select(ManagerInvitation).where(ManagerInvitation.ended_at.is_(None)))
        assert all(row.listing.right_of(row.by_id) is Right.OWNER for row in pending)

    @invariant()
    def the_review_queue_says_what_waits(self) -> None:
        self.session.begin_nested().commit()
        assert count_differences(self.session) == 0

    def teardown(self) -> None:
        self.session.rollback()
