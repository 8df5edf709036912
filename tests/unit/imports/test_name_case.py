"""Names and addresses written in capitals become what people would write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.imports.name_case import (
    normalize_credential,
    titlecase_address,
    titlecase_city,
    titlecase_organization,
    titlecase_person,
)


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("JOHN MCKAY O'BRIEN III", "John McKay O'Brien III"),
        ("WILLIAM FOLLOWS JR.", "William Follows Jr."),
        ("MARY K HAYES-MACALUSO", "Mary K Hayes-Macaluso"),
        ("KIM DO", "Kim Do"),
        ("WEI NG PA", "Wei Ng Pa"),
        ("JOSÉ  NUÑEZ ", "José Nuñez"),
        ("Ludwig van der Example", "Ludwig van der Example"),
        ("MC", "Mc"),
        ("JAMES MCDONALD-O'BRIEN III", "James McDonald-O'Brien III"),
        ("IAN MACDONALD", "Ian MacDonald"),
        ("ROSA MACIAS-MACLEOD", "Rosa Macias-MacLeod"),
        ("MARIA DE LA CRUZ", "Maria de la Cruz"),
        ("ANA DE LOS SANTOS-DEL RIO", "Ana de los Santos-del Rio"),
        ("LA RUE DE", "La Rue De"),
        ("HENRY EXAMPLE VIII", "Henry Example VIII"),
        ("VI EXAMPLE", "Vi Example"),
        ("MD RAHMAN", "Md Rahman"),
    ],
)
def test_a_persons_name(printed, written):
    assert titlecase_person(printed) == written


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("MCDONALD ORTHOPAEDICS OF THE PLAINS LLC", "McDonald Orthopaedics of the Plains LLC"),
        ("THE CENTER FOR PAIN, PLLC", "The Center for Pain, PLLC"),
        ("KING'S MANAGEMENT & LEASING LLC", "King's Management & Leasing LLC"),
        ("INDIANA MRI OF LAFAYETTE", "Indiana MRI of Lafayette"),
        ("3RD STREET CLINIC 24HR", "3rd Street Clinic 24HR"),
        ("eCare of Ohio", "eCare of Ohio"),
        ("IHC HEALTH SERVICES, INC", "IHC Health Services, Inc"),
        ("UPMC PRESBYTERIAN", "UPMC Presbyterian"),
        ("HCA FLORIDA", "HCA Florida"),
        ("OHSU HOSPITAL", "OHSU Hospital"),
        ("UT SOUTHWESTERN", "UT Southwestern"),
        ("UCSF-BENIOFF HOSPITAL", "UCSF-Benioff Hospital"),
        ("JOHN SMITH MD PA", "John Smith MD PA"),
        ("BJC HEALTHCARE OF ST LOUIS", "BJC Healthcare of St Louis"),
        ("DR SMITH'S SPINE CTR", "Dr Smith's Spine Ctr"),
        ("CLINICA DE LA RAZA, P.A.", "Clinica de la Raza, P.A."),
        ("MACDONALD GRP LLLP", "MacDonald Grp LLLP"),
    ],
)
def test_an_organizations_name(printed, written):
    assert titlecase_organization(printed) == written


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("2828 HIGHWAY 31 S STE 112", "2828 Highway 31 S Ste 112"),
        ("1300 E 20TH ST NW", "1300 E 20th St NW"),
        ("5218 N WINTHROP AVE # 3N", "5218 N Winthrop Ave # 3N"),
        ("100 FM 1960 RD", "100 FM 1960 Rd"),
        ("HC 1 BOX 33 PMB 12", "HC 1 Box 33 PMB 12"),
        ("1 O'CONNOR DR", "1 O'Connor Dr"),
        ("", ""),
    ],
)
def test_an_address(printed, written):
    assert titlecase_address(printed) == written


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("CROTON ON HUDSON", "Croton on Hudson"),
        ("ST LOUIS", "St Louis"),
        ("LA JOLLA", "La Jolla"),
        ("MCALLEN", "McAllen"),
    ],
)
def test_a_city(printed, written):
    assert titlecase_city(printed) == written


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("M.D.", "MD"),
        ("M. D.", "MD"),
        ("M.D., PH.D.", "MD, PhD"),
        ("PHARM.D.", "PharmD"),
        ("P.A.-C.", "PA-C"),
        ("RN CDE", "RN CDE"),
        ("D.O. ,FAAPMR", "DO,FAAPMR"),
        ("", ""),
    ],
)
def test_a_credential(printed, written):
    assert normalize_credential(printed) == written


@given(st.text())
def test_no_letter_is_lost_or_made_up(text):
    for write in (titlecase_person, titlecase_organization, titlecase_address, titlecase_city):
        assert write(text).casefold() == " ".join(text.split()).casefold()


@given(st.text(alphabet="ABCMO'’ -.0123", max_size=40))
def test_what_was_written_once_is_not_written_differently_again(text):
    for write in (titlecase_person, titlecase_organization, titlecase_address, titlecase_city):
        once = write(text)
        if any(letter.islower() for letter in once):
            assert write(once) == once
