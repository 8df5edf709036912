"""Imports through the console: upload, columns, dry run, run, report, drafts to publish, undo and differences."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.http_client import Browser, Page
from support.nppes_files import npi, person_row, write_nppes_file

from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.cli.commands import cli
from directory.imports.tables import Decision, Import, ImportDifference
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

RUN, UNDO, DRY_RUN = "Run: {} rows write a listing", "Undo the import", "Show the dry run"


@pytest.fixture
def work(environment: dict[str, str]) -> Callable[[], None]:
    """Do what waits, as the background process does."""

    def run() -> None:
        result = CliRunner().invoke(cli, ["import", "run"], env=environment, catch_exceptions=False)
        assert result.exit_code == 0, result.output

    return run


@pytest.fixture
def upload(as_admin: Browser) -> Callable[[bytes, str], Page]:
    """Upload a file, and give the page that follows."""

    def send(content: bytes, name: str) -> Page:
        form = as_admin.open("/console/imports").form("Upload and look")
        data = {"csrf_token": form.fields["csrf_token"], "file": (io.BytesIO(content), name)}
        sent = as_admin.client.post("/console/imports/upload", data=data, follow_redirects=True)
        return Page(sent)

    return send


def nppes(tmp_path: Path, *rows: dict[str, str]) -> bytes:
    return write_nppes_file(tmp_path / "upload.csv", rows).read_bytes()


def test_a_file_goes_from_upload_to_undo(
    as_admin: Browser, upload: Callable[..., Page], work: Callable[[], None], session: Session, tmp_path: Path
) -> None:
    page = upload(nppes(tmp_path, person_row(1), person_row(2), person_row(3, zip="x")), "<weekly>.csv")
    assert "This is an NPPES file" in page.text
    assert "<weekly>" not in page.html
    page = as_admin.press(page, DRY_RUN)
    assert "The dry run is being made" in page.text
    work()
    page = as_admin.open("/console/imports/1/dry-run")
    assert "Ann Example" in page.text
    assert session.scalars(sa.select(Listing)).all() == []
    session.rollback()
    assert "Running" in as_admin.press(page, RUN.format(2)).text
    work()
    report = as_admin.open("/console/imports/1/report")
    assert "Drafts of this import: 2" in report.text
    assert "Rejected: the ZIP code has neither five nor nine digits" in report.text
    assert len(session.scalars(sa.select(Listing)).all()) == 2
    session.rollback()
    assert "Give the reason" in as_admin.press(report, UNDO, {"reason": " "}).text
    as_admin.press(report, UNDO, {"reason": "The wrong week."})
    work()
    done = as_admin.open("/console/imports/1/report").text
    assert "The wrong week." in done
    assert session.scalars(sa.select(Listing)).all() == []
    rows = as_admin.client.get("/console/imports/1/rows?format=csv").text.splitlines()
    assert [line.split(",")[7] for line in rows[1:]] == ["Reversed", "Reversed", "Had written nothing"]
    assert "as it was written" in as_admin.open("/console/import-rows/1").text


def test_the_columns_of_any_csv_file_are_recognized_and_can_be_changed(
    as_admin: Browser, upload: Callable[..., Page], work: Callable[[], None], session: Session
) -> None:
    header = "NPI,lst_nm,frst_nm,Cred,pri_spec,adr_ln_1,cty,st,zip,Where to call"
    row = f"{npi(1)},EXAMPLE,ANN,MD,ORTHOPEDIC SURGERY,403 SUMMIT BLVD,BROOMFIELD,CO,80021,3035550100"
    page = upload(f"{header}\n{row}\n".encode(), "medicare.csv")
    form = page.form(DRY_RUN)
    assert (form.fields["last"], form.fields["line1"], form.fields["phone"]) == ("lst_nm", "adr_ln_1", "")
    twice = as_admin.press(page, DRY_RUN, {"phone": "zip"})
    assert "is chosen for “ZIP code” already" in twice.text
    assert "Choose the column of the field “City”" in as_admin.press(page, DRY_RUN, {"city": ""}).text
    as_admin.press(page, DRY_RUN, {"phone": "Where to call", "publish": "y"})
    work()
    as_admin.press(as_admin.open("/console/imports/1/dry-run"), RUN.format(1))
    work()
    made = session.scalars(sa.select(Listing)).one()
    assert (made.name, made.credential, made.phone, made.state) == (
        "Ann Example", "MD", "3035550100", ListingState.PUBLISHED,
    )  # fmt: skip
    assert made.specialty_code == "207X00000X"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"name,city\nAnn,Broomfield\n", "no column with the NPI"),
        (b"PK\x03\x04zip", "is a ZIP archive"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_with_a_sentence_and_not_kept(
    upload: Callable[..., Page], environment: dict[str, str], session: Session, content: bytes, words: str
) -> None:
    page = upload(content, "list.csv")
    assert page.status == 422
    assert words in page.text
    assert session.scalars(sa.select(Import)).all() == []
    folder = Path(environment["BMA_HOME"]) / "imports"
    assert list(folder.glob("*")) == []


def test_reviewers_look_and_admins_import(as_reviewer: Browser, upload: Callable[..., Page], tmp_path: Path) -> None:
    upload(nppes(tmp_path, person_row(1)), "list.csv")
    assert "Upload and look" not in as_reviewer.open("/console/imports").text
    page = as_reviewer.open("/console/imports/1/columns")
    assert page.status == 200
    assert DRY_RUN not in page.text
    assert as_reviewer.open("/console/imports/7/report").status == 404


def test_drafts_are_published_in_bulk_all_or_none_and_the_undo_still_takes_them_back(
    as_admin: Browser, upload: Callable[..., Page], work: Callable[[], None], session: Session, tmp_path: Path
) -> None:
    as_admin.press(upload(nppes(tmp_path, *map(person_row, range(1, 5))), "list.csv"), DRY_RUN)
    work()
    as_admin.press(as_admin.open("/console/imports/1/dry-run"), RUN.format(4))
    work()
    page = as_admin.open("/console/imports/1/report")
    ids = [str(each) for each in session.scalars(sa.select(Listing.id).order_by(Listing.id))]
    session.rollback()
    publish = "Publish the chosen listings"
    assert as_admin.press(page, publish, {"listing": [*ids[:2], "99"]}).status == 409
    assert set(session.scalars(sa.select(Listing.state))) == {ListingState.DRAFT}
    session.rollback()
    assert "Choose 1 to 25 listings" in as_admin.press(page, publish, {"listing": []}).text
    assert "2 listings published" in as_admin.press(page, publish, {"listing": ids[:2]}).text
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("listing.publish") == 2
    session.rollback()
    as_admin.press(as_admin.open("/console/imports/1/report"), UNDO, {"reason": "Why."})
    work()
    assert set(session.scalars(sa.select(Listing.state))) == {ListingState.RETIRED}
    assert len(session.scalars(sa.select(Listing)).all()) == 2


def test_a_difference_waits_until_a_reviewer_decides_and_is_not_asked_again(
    as_admin: Browser, as_reviewer: Browser, upload: Callable[..., Page], work: Callable[[], None],
    session: Session, provider: Account, tmp_path: Path,
) -> None:  # fmt: skip
    kept = make_listing(session, provider, npi=npi(1), state=ListingState.PUBLISHED)
    before = kept.name
    session.commit()
    for _ in range(2):
        page = as_admin.press(upload(nppes(tmp_path, person_row(1)), "list.csv"), DRY_RUN)
        work()
        latest = max(session.scalars(sa.select(Import.id)))
        session.rollback()
        as_admin.press(as_admin.open(f"/console/imports/{latest}/dry-run"), RUN.format(0))
        work()
    waiting = {each.field: each for each in session.scalars(sa.select(ImportDifference))}
    assert waiting.keys() >= {"name"}
    assert session.get_one(Listing, kept.id).name == before
    session.rollback()
    page = as_reviewer.open("/console/differences")
    assert "Ann Example" in page.text
    url = f"/console/differences/{waiting['name'].id}"
    form = page.form("Decide")
    token = form.fields["csrf_token"]
    refused = as_reviewer.client.post(url, data={"csrf_token": token, "decision": "theirs", "reason": ""})
    assert refused.status_code == 422
    taken = {"csrf_token": token, "decision": "theirs", "reason": "They say so too."}
    assert as_reviewer.client.post(url, data=taken).status_code == 303
    assert as_reviewer.client.post(url, data=taken).status_code == 409
    session.expire_all()
    assert session.get_one(Listing, kept.id).name == "Ann Example"
    assert session.get_one(ImportDifference, waiting["name"].id).decision is Decision.THEIRS
    assert (
        session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq.desc())).first() == "listing.take_import"
    )
