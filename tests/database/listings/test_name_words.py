"""Imported listings that are not public are found by the words of their names, fast and without anything else."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_listing

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.claims.queries import unclaimed_imports
from directory.claims.tables import UnmanagedListing
from directory.listings.lifecycle import ListingState
from directory.listings.name_words import MAX_WORDS, listing_ids, listing_words, name_words, replace_words
from directory.listings.tables import ImportNameWord, Listing, ListingManager, ListingSource

NAMES = ("Reed Q Hazelgrove", "José O'Neil-Peña", "Hazel Peak Sports Medicine", "Reed Peak")


@pytest.fixture
def imported(session: Session, provider: Account) -> dict[str, Listing]:
    """Listings of the register that nobody manages and that are not public, by name."""
    made = {}
    for name in NAMES:
        made[name] = make_listing(session, provider, state=ListingState.DRAFT, source=ListingSource.NPPES, name=name)
        made[name].managers.clear()
    session.flush()
    replace_words(session, [], {each.id: listing_words(name, each.locations) for name, each in made.items()})
    return made


def found(session: Session, text: str) -> list[str]:
    ids = unclaimed_imports(session, text, limit=10)
    return [session.get_one(Listing, each).name for each in ids]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dr. José O’Neil-Peña", ("dr", "jose", "oneil", "pena")),
        ("Peak PEAK peak", ("peak",)),
        ("x" * 50, ("x" * 40,)),
        ("李", ()),
        ("!?", ()),
    ],
)
def test_the_words_of_a_name(text: str, words: tuple[str, ...]) -> None:
    assert name_words(text) == words


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hazelgrove", ["Reed Q Hazelgrove"]),
        ("Hazelgrove, Reed", ["Reed Q Hazelgrove"]),
        ("reed hazel", ["Reed Q Hazelgrove"]),
        ("hazel", ["Hazel Peak Sports Medicine", "Reed Q Hazelgrove"]),
        ("haz", []),
        ("reed", ["Reed Peak", "Reed Q Hazelgrove"]),
        ("jose oneil pena", ["José O'Neil-Peña"]),
        ("PEÑA", ["José O'Neil-Peña"]),
        ("reed medicine", []),
        ("hazel hazelgrove", ["Reed Q Hazelgrove"]),
        ("%", []),
        ("haz%", []),
    ],
)
@pytest.mark.usefixtures("imported")
def test_every_typed_word_must_be_in_the_name(session: Session, text: str, names: list[str]) -> None:
    assert found(session, text) == names


@pytest.mark.parametrize(
    ("text", "place", "state", "names"),
    [
        ("", ":80021", "", sorted(NAMES)),
        ("", ":co:broomfield", "", sorted(NAMES)),
        ("reed", ":80021", "", ["Reed Peak", "Reed Q Hazelgrove"]),
        ("reed", "", "CO", ["Reed Peak", "Reed Q Hazelgrove"]),
        ("reed", "", "WY", []),
        ("reed", ":80020", "", []),
        ("80021", "", "", []),
        ("town", "", "", []),
        ("", "", "CO", []),
    ],
)
@pytest.mark.usefixtures("imported")
def test_a_place_and_a_state_narrow_the_search(
    session: Session, text: str, place: str, state: str, names: list[str]
) -> None:
    ids = unclaimed_imports(session, text, place=place, state=state, limit=10)
    assert [session.get_one(Listing, each).name for each in ids] == names


@pytest.mark.usefixtures("imported")
def test_a_very_long_text_is_searched_by_its_first_words(session: Session) -> None:
    assert found(session, "reed peak " + " ".join(f"word{n}" for n in range(1000))) == []
    assert found(session, " ".join(["reed peak"] * MAX_WORDS)) == ["Reed Peak"]


def test_only_what_nobody_ever_managed_is_found(
    session: Session, imported: dict[str, Listing], provider: Account
) -> None:
    public, managed, left, own = imported.values()
    public.state = ListingState.PUBLISHED
    managed.managers.append(ListingManager(account_id=provider.id, right=Right.OWNER, since=NOW))
    session.add(UnmanagedListing(listing_id=left.id, since=NOW, reason="They left."))
    own.source = ListingSource.PROVIDER
    session.flush()
    for text in ("hazelgrove", "oneil", "sports", "reed peak"):
        assert found(session, text) == []


def test_the_words_of_another_name_replace_those_of_the_one_before(
    session: Session, imported: dict[str, Listing]
) -> None:
    changed = imported["Reed Peak"]
    replace_words(session, [changed.id], {changed.id: name_words("Juniper")})
    assert found(session, "juniper") == ["Reed Peak"]
    assert found(session, "reed peak") == []
    replace_words(session, [changed.id], {})
    assert found(session, "juniper") == []


def test_a_deleted_listing_takes_its_words_with_it(session: Session, imported: dict[str, Listing]) -> None:
    session.delete(imported["Reed Peak"])
    session.flush()
    assert session.scalar(sa.select(sa.func.count()).select_from(ImportNameWord).filter_by(word="sports")) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(ImportNameWord).filter_by(word="peak")) == 1


def test_words_are_looked_up_in_an_index_and_no_table_is_read_through(session: Session) -> None:
    statements: list[tuple[str, object]] = []
    engine = session.get_bind()

    def keep(_connection: object, _cursor: object, statement: str, parameters: object, *_others: object) -> None:
        statements.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", keep)
    statement = listing_ids("reed hazelgrove q", place=":80021", state="CO")
    assert statement is not None
    try:
        session.execute(statement.limit(10))
    finally:
        sa.event.remove(engine, "before_cursor_execute", keep)
    [(text, parameters)] = statements
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters).all()
        plan = [row.detail for row in rows]
    else:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {text}", parameters)]
    text = "\n".join(plan)
    assert "ix_import_name_words_word_listing_id" in text
    assert "SCAN" not in text, text
    assert "Seq Scan" not in text, text
