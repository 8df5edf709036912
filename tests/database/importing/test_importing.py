"""What an import makes of the registry's rows, on both databases, through the command itself."""

import csv
from datetime import date

import pytest
import sqlalchemy as sa
from factories import NOW, make_listing, reviewer_of
from nppes_files import (
    DENTIST,
    clinic,
    deactivated,
    npi,
    person,
    second_address,
    write,
    write_secondary,
)

from directory.certification.ruleset import shipped
from directory.database import Base
from directory.listings.lifecycle import Move, State
from directory.listings.tables import HOLDS_NPI, Kind, Listing, ListingMove, Location, Source
from directory.review.commands import decide_listing
from directory.search.tables import search_cells


@pytest.fixture
def load(bma, session, tmp_path):
    """Import these rows as one file; `second` as a file of secondary locations after it."""

    def imported(*rows, options=("--publish",), second=(), code=0):
        session.commit()
        arguments = [str(write(tmp_path / "npidata.csv", rows))]
        if second:
            arguments += ["--locations", str(write_secondary(tmp_path / "pl.csv", second))]
        return bma("import", "nppes", *arguments, *options, code=code)

    return imported


def counts(output):
    """The report's numbers by what they count."""
    lines = [line.strip().split("  ", 1) for line in output.splitlines()]
    return {
        line[1]: int(line[0].replace(",", "")) for line in lines if len(line) == 2 and int(line[0].replace(",", ""))
    }


def everything(session):
    """Every row of every table."""
    session.rollback()
    return {
        table.name: sorted(map(repr, session.execute(sa.select(table)).all())) for table in Base.metadata.sorted_tables
    }


def listing(session, number=1):
    session.rollback()
    session.expire_all()
    return session.scalars(sa.select(Listing).where(Listing.npi == npi(number)).order_by(Listing.id.desc())).first()


def rejected(settings):
    with (settings.home / "rejected-rows.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


CREATED, UPDATED, UNCHANGED = "rows that made a listing", "rows that changed a listing", "rows that said nothing new"
RETIRED = "rows that retired a listing because the NPI was deactivated"
READ, PUBLISHED = "rows read", "listings published"
UNPLACED = "addresses that no search finds because they could not be placed"


def test_a_row_becomes_an_unclaimed_draft_that_no_search_finds(load, session):
    assert counts(load(person(), options=())) == {READ: 1, CREATED: 1}
    made = listing(session)
    assert (made.state, made.source, made.owner_id, made.last_confirmed) == (State.DRAFT, Source.NPPES, None, None)
    assert (made.name, made.kind, made.source_updated) == ("Ann Example", Kind.PERSON, date(2025, 3, 4))
    assert made.slug == f"ann-example-{npi(1)}"
    assert session.scalar(sa.select(sa.func.count()).select_from(search_cells)) == 0


def test_publish_publishes_it_as_not_stated_and_writes_down_both_moves(load, session):
    assert counts(load(person())) == {READ: 1, CREATED: 1, PUBLISHED: 1}
    assert listing(session).state is State.PUBLISHED
    moves = session.execute(sa.select(ListingMove.move, ListingMove.by_id, ListingMove.reason)).all()
    assert [move.move for move in moves] == ["submit", "publish"]
    assert {(move.by_id, move.reason) for move in moves} == {(None, "Published as not stated, from public NPPES data.")}
    assert session.scalar(sa.select(sa.func.count()).select_from(search_cells)) > 0


def test_a_draft_of_an_earlier_import_is_published_by_a_later_one(load, session):
    load(person(), options=())
    assert counts(load(person())) == {READ: 1, UNCHANGED: 1, PUBLISHED: 1}
    assert listing(session).state is State.PUBLISHED


@pytest.mark.parametrize("options", [(), ("--publish",), ("--all", "--publish")])
def test_a_second_import_changes_no_row_of_any_table(load, session, options):
    rows = [
        person(1), clinic(2), deactivated(3), person(4, line1="PO BOX 1", line2=""), person(5, code1=DENTIST),
        person(6), person(6, phone="3035550199"), person(7, updated=""), person(8, zip="99999", city="NOWHERE"),
        person(9, updated="01/01/2025"), person(9, phone="3035550199", updated="02/01/2025"),
        person(10, updated="02/01/2025"), person(10, phone="3035550199", updated="01/01/2025"),
    ]  # fmt: skip
    second = [
        second_address(1), second_address(1), second_address(1, line1="1 Other ST", phone="3035550122"),
        second_address(1, line1="403 Summit Blvd", line2="Ste 201", city="BROOMFIELD", zip="80021"),
        second_address(2, line1="PO BOX 1"), second_address(2, zip="99999", city="NOWHERE"), second_address(99),
    ]  # fmt: skip
    load(*rows, second=second, options=options)
    before = everything(session)
    again = counts(load(*rows, second=second, options=options))
    assert everything(session) == before
    assert not {CREATED, UPDATED, PUBLISHED, RETIRED} & again.keys()


def test_a_dry_run_changes_no_row_and_reports_what_a_real_run_does(load, session, settings):
    load(person(1), person(2))
    rows = [person(1, phone="3035550199"), deactivated(2), person(3), person(3), person(4, zip="x"), person(5)]
    second = [second_address(5), second_address(6)]
    before, listed = everything(session), rejected(settings)
    promised = load(*rows, second=second, options=("--publish", "--dry-run"))
    assert everything(session) == before
    assert rejected(settings) == listed
    assert promised.startswith("Nothing was changed.")
    assert counts(load(*rows, second=second)) == counts(promised)
    assert everything(session) != before


def test_a_dry_run_lists_the_rejected_rows_where_it_is_told_to(load, settings, tmp_path):
    target = tmp_path / "out.csv"
    load(person(), options=())
    load(person(1, zip="x"), options=("--dry-run", "--rejected", str(target)))
    assert "the ZIP code has neither" in target.read_text()
    assert rejected(settings) == []


def test_a_dry_run_refuses_a_database_that_is_not_up_to_date(load, environment, tmp_path):
    if not environment["BMA_DATABASE_URL"].startswith("sqlite"):
        pytest.skip("one empty database says enough")
    environment["BMA_DATABASE_URL"] = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    output = load(person(), options=("--dry-run",), code=1)
    assert "Run: bma-directory db upgrade." in output


@pytest.mark.parametrize(
    ("changes", "attribute", "value"),
    [
        ({"phone": "3035550199"}, "phone", "3035550199"),
        ({"last": "OTHER"}, "name", "Ann Other"),
        ({"credential": "D.O."}, "credential", "DO"),
        ({"code1": "208VP0014X"}, "specialty_code", "208VP0014X"),
        ({"updated": "03/05/2025"}, "source_updated", date(2025, 3, 5)),
    ],
)
def test_a_changed_row_is_a_visible_update(load, session, changes, attribute, value):
    load(person())
    was = listing(session)
    version, updated_at, slug = was.version, was.updated_at, was.slug
    assert counts(load(person(**changes))) == {READ: 1, UPDATED: 1}
    now = listing(session)
    assert getattr(now, attribute) == value
    assert now.version == version + 1
    assert now.updated_at > updated_at
    assert now.slug == slug
    assert now.state is State.PUBLISHED


def test_an_address_that_moved_is_placed_anew_and_found_there(load, session):
    load(person())
    [cell] = session.execute(sa.select(search_cells.c.lat).where(search_cells.c.key == 0)).scalars()
    assert 39 < cell < 41
    assert counts(load(person(line1="1 FIFTH AVE", city="NEW YORK", state="NY", zip="10003"))) == {READ: 1, UPDATED: 1}
    [location] = listing(session).locations
    assert (location.city, location.state) == ("New York", "NY")
    assert 40.6 < location.lat < 40.9
    cells = session.execute(sa.select(search_cells.c.lat).where(search_cells.c.key == 0)).scalars().all()
    assert cells == [location.lat]


def test_an_address_that_only_changed_its_suite_letters_or_last_four_digits_stays_where_it_was(load, session):
    load(person())
    session.execute(sa.update(Location).values(lat=39.0, lon=-105.0))
    session.commit()
    load(person(line1="403 Summit Blvd", zip="800219999"))
    [location] = listing(session).locations
    assert (location.postal_code, location.lat) == ("80021-9999", 39.0)


def test_an_address_that_could_not_be_placed_is_tried_again(load, session):
    load(person())
    session.execute(sa.update(Location).values(lat=None, lon=None, precision="", uncertainty_miles=None))
    session.commit()
    assert counts(load(person())) == {READ: 1, UPDATED: 1}
    assert listing(session).locations[0].lat is not None


def test_an_address_in_no_gazetteer_is_listed_and_reported(load, session):
    found = counts(load(person(zip="00000", city="NOWHERE AT ALL")))
    assert found == {
        READ: 1,
        CREATED: 1,
        PUBLISHED: 1,
        UNPLACED: 1,
    }
    assert listing(session).locations[0].lat is None


def test_what_a_provider_keeps_is_never_touched(load, session, provider, settings):
    make_listing(session, provider, npi=npi(1))
    load(person(2))
    session.execute(sa.update(Listing).where(Listing.npi == npi(2)).values(owner_id=provider.id))
    session.commit()
    before = everything(session)
    load(
        person(1),
        person(2, last="OTHER"),
        deactivated(1),
        deactivated(2),
        second=[second_address(1), second_address(2)],
    )
    assert everything(session) == before
    reasons = [row[3] for row in rejected(settings)]
    assert reasons == [
        "the provider keeps this listing themselves",
        "the provider keeps this listing themselves",
        "the NPI is deactivated, but the provider keeps this listing themselves",
        "the NPI is deactivated, but the provider keeps this listing themselves",
        "the provider keeps this listing themselves",
        "the provider keeps this listing themselves",
    ]


def test_a_deactivated_npi_retires_its_published_listing_and_leaves_the_index(load, session):
    load(person())
    assert counts(load(deactivated())) == {READ: 1, RETIRED: 1}
    assert listing(session).state is State.RETIRED
    assert session.scalar(sa.select(sa.func.count()).select_from(search_cells)) == 0
    assert counts(load(deactivated())) == {READ: 1, "rows skipped: the NPI is deactivated": 1}


def test_a_deactivated_npi_is_not_listed_by_an_older_row_in_whatever_order_they_come(load, session):
    load(deactivated(1), person(1), person(2), deactivated(2))
    assert listing(session, 1) is None
    assert listing(session, 2).state is State.RETIRED
    before = everything(session)
    load(person(2), options=("--publish", "--all"))
    load(deactivated(1), person(1), person(2), deactivated(2))
    assert everything(session) == before


def test_a_draft_whose_npi_is_deactivated_stays_a_draft(load, session):
    load(person(), deactivated(), options=())
    assert listing(session).state is State.DRAFT


def test_an_old_deactivation_does_not_retire_what_is_newer(load, session):
    load(person(on="06/20/2025", off="06/13/2025", updated="06/20/2025"))
    assert counts(load(deactivated())) == {READ: 1, "rows skipped: an older row than what is known already": 1}
    assert listing(session).state is State.PUBLISHED


def test_an_npi_that_is_taken_up_again_is_listed_anew(load, session):
    load(person())
    load(deactivated())
    again = person(off="06/13/2025", on="06/20/2025", updated="06/20/2025")
    assert counts(load(again)) == {READ: 1, CREATED: 1, PUBLISHED: 1}
    assert (listing(session).state, listing(session).slug) == (State.PUBLISHED, f"ann-example-{npi(1)}-2")


@pytest.mark.parametrize("move", [Move.RETIRE, Move.REJECT])
def test_what_a_person_took_down_is_not_listed_again(load, session, move, settings):
    load(person(), options=() if move is Move.REJECT else ("--publish",))
    row, by = listing(session), reviewer_of(session).actor
    if move is Move.REJECT:
        row.state = State.SUBMITTED
        session.flush()
    decide_listing(session, row, move, by=by, now=NOW, rulesets=shipped(), reason="They asked us to.")
    session.commit()
    before = everything(session)
    load(person(), second=[second_address()])
    assert everything(session) == before
    assert "somebody here rejected or retired this listing" in rejected(settings)[0][3]


def test_a_suspended_listing_is_brought_up_to_date_and_stays_suspended(load, session):
    load(person())
    decide_listing(
        session,
        listing(session),
        Move.SUSPEND,
        by=reviewer_of(session).actor,
        now=NOW,
        rulesets=shipped(),
        reason="Why.",
    )
    session.commit()
    load(person(phone="3035550199"))
    assert (listing(session).state, listing(session).phone) == (State.SUSPENDED, "3035550199")
    assert session.scalar(sa.select(sa.func.count()).select_from(search_cells)) == 0


def test_the_same_npi_twice_in_a_batch_is_one_listing(load, session, settings):
    assert counts(load(person(), person(), person(last="OTHER"))) == {
        READ: 3, CREATED: 1, UNCHANGED: 1, PUBLISHED: 1,
        "rows skipped: an earlier row of this import says something else of this NPI on the same day": 1,
    }  # fmt: skip
    assert listing(session).name == "Ann Example"
    assert rejected(settings)[0][:3] == ["npidata.csv", "4", npi(1)]


def test_the_newer_of_two_files_counts_in_whatever_order_they_come(bma, session, tmp_path):
    full = str(write(tmp_path / "full.csv", [person(updated="01/01/2025", last="BEFORE")]))
    weekly = str(write(tmp_path / "weekly.csv", [person(updated="02/01/2025", last="AFTER")]))
    for order in ((full, weekly), (weekly, full)):
        bma("import", "nppes", *order)
        assert listing(session).name == "Ann After"


def test_two_files_that_contradict_each_other_change_nothing_the_second_time(bma, session, tmp_path):
    files = [str(write(tmp_path / f"{name}.csv", [person(last=name)])) for name in ("FIRST", "SECOND")]
    bma("import", "nppes", *files)
    before = everything(session)
    bma("import", "nppes", *files)
    assert everything(session) == before
    assert listing(session).name == "Ann First"


def test_second_addresses_are_added_once_and_follow_the_first(load, session):
    output = load(person(), second=[second_address(), second_address(line1="2 OTHER ST"), second_address(2)])
    assert counts(output) == {
        READ: 4, CREATED: 1, UPDATED: 2, PUBLISHED: 1,
        "rows skipped: the NPI of this second address is not listed": 1,
    }  # fmt: skip
    assert [row.line1 for row in listing(session).locations] == ["403 Summit Blvd", "1 Other St", "2 Other St"]
    assert session.scalar(sa.select(sa.func.count()).where(search_cells.c.key == 0)) == 3


def test_a_second_address_whose_phone_changed_is_updated_in_place(load, session):
    load(person(), second=[second_address()])
    assert counts(load(person(), second=[second_address(phone="3035550199")])) == {READ: 2, UNCHANGED: 1, UPDATED: 1}
    assert [row.phone for row in listing(session).locations] == ["3035550100", "3035550199"]


def test_a_first_address_that_moves_to_the_second_leaves_no_twin(load, session):
    load(person(), second=[second_address(), second_address(line1="2 OTHER ST")])
    load(person(line1="1 OTHER ST", line2="", city="BOULDER", zip="80301"))
    assert [row.line1 for row in listing(session).locations] == ["1 Other St", "2 Other St"]


def test_a_listing_has_fifty_addresses_at_most(load, session, settings):
    second = [second_address(line1=f"{number} OTHER ST") for number in range(60)]
    load(person(), second=second)
    assert len(listing(session).locations) == 50
    assert len(rejected(settings)) == 11
    assert rejected(settings)[0] == ["pl.csv", "51", npi(1), "the listing has 50 addresses already"]


def test_locations_alone_add_to_what_is_listed(bma, load, session, tmp_path):
    load(person())
    bma("import", "nppes", str(write_secondary(tmp_path / "pl.csv", [second_address()])))
    assert len(listing(session).locations) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"last": "X" * 10_000},
        {"last": "EXAM\u202ePLE"},
        {"last": "A\x07B"},
        {"first": "", "last": "X"},
        {"line1": "9" * 300},
        {"city": "X" * 101},
        {"phone": "call me"},
        {"phone": "1" * 31},
        {"credential": "X" * 61},
        {"line2": "\u2028"},
    ],
)
def test_a_text_that_cannot_be_listed_is_rejected_and_the_next_row_is_read(load, session, settings, changes):
    if changes == {"line2": "\u2028"}:
        changes = {"line2": "A\u200bB"}
    load(person(1, **changes), person(2))
    assert listing(session, 1) is None
    assert listing(session, 2) is not None
    [row] = rejected(settings)
    assert row[:3] == ["npidata.csv", "2", npi(1)]
    assert row[3].startswith("a text is too long, or cannot be shown: The ") or "Enter the name." in row[3]


def test_a_change_that_cannot_be_listed_leaves_the_listing_as_it_was(load, session):
    load(person(), second=[second_address()])
    before = everything(session)
    load(person(last="X" * 300), second=[second_address(line1="X" * 300), second_address(phone="call me")])
    assert everything(session) == before


def test_a_rejected_row_is_harmless_in_a_spreadsheet(bma, settings, tmp_path):
    file = write(tmp_path / "=cmd.csv", [person(npi="=1+1"), person(npi="@SUM(A1)")])
    bma("import", "nppes", str(file))
    for row in rejected(settings):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_each_row_is_counted_once(load):
    rows = [person(1), person(1), person(1, last="OTHER"), clinic(2), deactivated(3), person(4, code1=DENTIST),
            person(5, zip=""), person(6, line1="PO BOX 1", line2="")]  # fmt: skip
    for options in ((), ("--publish",), ("--all",), ("--all", "--dry-run")):
        found = counts(load(*rows, second=[second_address(1), second_address(9)], options=options))
        done = sum(found.get(what, 0) for what in (CREATED, UPDATED, UNCHANGED, RETIRED))
        skipped = sum(count for what, count in found.items() if what.startswith("rows skipped: "))
        assert found[READ] == 10 == done + skipped


def test_a_file_that_is_none_stops_the_import_before_the_first_row(bma, session, tmp_path):
    good = write(tmp_path / "good.csv", [person()])
    bad = tmp_path / "bad.csv"
    bad.write_text("name\nAnn\n")
    output = bma("import", "nppes", str(good), str(bad), code=1)
    assert output == (
        "Error: bad.csv is no NPPES file: its first line names neither an entity type nor a secondary location.\n"
    )
    assert listing(session) is None


def test_a_provider_who_claims_a_listing_at_that_very_moment_keeps_it(load, session, provider):
    load(person())
    claimed = []

    def claim(importing, _context, _instances):
        if not claimed and any(isinstance(row, Listing) for row in importing.dirty):
            claimed.append(True)
            session.execute(sa.update(Listing).values(owner_id=provider.id, version=Listing.version + 1))
            session.commit()

    sa.event.listen(sa.orm.Session, "before_flush", claim)
    try:
        found = counts(load(person(last="OTHER")))
    finally:
        sa.event.remove(sa.orm.Session, "before_flush", claim)
    assert claimed
    assert found == {READ: 1, "rows skipped: the provider keeps this listing themselves": 1}
    assert listing(session).name == "Ann Example"


def test_npis_are_looked_up_by_the_index(session):
    """Without the index's own words in the question, each batch would read every listing."""
    statement = sa.select(Listing.id).where(Listing.npi.in_([npi(1), npi(2)]), HOLDS_NPI)
    text = str(statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
    if session.get_bind().dialect.name == "sqlite":
        plan = session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")).all()
    else:
        session.execute(sa.text("SET enable_seqscan = off"))
        plan = session.execute(sa.text(f"EXPLAIN {text}")).all()
    assert "uq_listings_npi" in " ".join(map(str, plan))
