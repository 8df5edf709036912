"""The medical specialties that plausibly collect bone marrow, by NUCC taxonomy code."""

SPECIALTIES: dict[str, str] = {
    "204C00000X": "Neuromusculoskeletal medicine, sports",
    "204D00000X": "Neuromusculoskeletal medicine and OMM",
    "207LP2900X": "Anesthesiology, pain medicine",
    "207PS0010X": "Emergency medicine, sports medicine",
    "207QS0010X": "Family medicine, sports medicine",
    "207RS0010X": "Internal medicine, sports medicine",
    "207X00000X": "Orthopedic surgery",
    "207XP3100X": "Orthopedic surgery, pediatric",
    "207XS0106X": "Orthopedic surgery, hand",
    "207XS0114X": "Orthopedic surgery, adult reconstructive",
    "207XS0117X": "Orthopedic surgery, spine",
    "207XX0004X": "Orthopedic surgery, foot and ankle",
    "207XX0005X": "Orthopedic surgery, sports medicine",
    "207XX0801X": "Orthopedic surgery, trauma",
    "2080S0010X": "Pediatrics, sports medicine",
    "208100000X": "Physical medicine and rehabilitation",
    "2081P2900X": "Physical medicine, pain medicine",
    "2081S0010X": "Physical medicine, sports medicine",
    "2085R0204X": "Vascular and interventional radiology",
    "208VP0000X": "Pain medicine",
    "208VP0014X": "Interventional pain medicine",
}
"""Plain labels by code; the codes are from NUCC's Health Care Provider Taxonomy."""


def specialty_label(code: str) -> str:
    """The label of a specialty; empty if the code is not in `SPECIALTIES`."""
    return SPECIALTIES.get(code, "")
