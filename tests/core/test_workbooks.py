"""Workbooks are read as the CSV that says the same; what does not open is told in a sentence."""

from __future__ import annotations

import io
import zipfile

import pytest

from ressort.core import decoding, workbooks
from ressort.core.errors import Refused

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def cell(place: str, value: str, kind: str = "inlineStr", style: int = 0) -> str:
    inside = f"<is><t>{value}</t></is>" if kind == "inlineStr" else f"<v>{value}</v>"
    return f'<c r="{place}" t="{kind}" s="{style}">{inside}</c>'


def xlsx(rows: list[list[str]]) -> bytes:
    """Return a workbook with one sheet; style 1 is a date, 2 an hour."""
    lines = "".join(f'<row r="{n}">{"".join(cells)}</row>' for n, cells in enumerate(rows, 1) if cells)
    kinds = f"{OFFICE}/officeDocument", f"{OFFICE}/worksheet", f"{OFFICE}/styles"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{kinds[0]}" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{NAMESPACE}" xmlns:r="{OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{kinds[1]}" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{kinds[2]}" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{NAMESPACE}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{NAMESPACE}"><sheetData>{lines}</sheetData></worksheet>',
    }
    return packed(files)


def ods(rows: list[list[str]]) -> bytes:
    """Return an OpenDocument sheet of words."""
    table = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{one}</text:p></table:table-cell>'
            for one in row
        )
        + "</table:table-row>"
        for row in rows
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="A">{table}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    return packed({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def packed(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, said in files.items():
            archive.writestr(name, said)
    return out.getvalue()


def test_a_sheet_reads_as_somebody_would_type_it():
    book = xlsx(
        [
            [cell("A1", "nom"), cell("B1", "places"), cell("C1", "du"), cell("D1", "à"), cell("E1", "lon")],
            [],
            [
                cell("A3", "Élan; vif"),
                cell("B3", "8", "n"),
                cell("C3", "46371", "n", 1),
                cell("D3", "0.270833333333333", "n", 2),
                cell("E3", "5.04147", "n"),
            ],
            [cell("A4", "x"), cell("B4", "1", "b")],
        ]
    )
    assert decoding.decode(book).split("\r\n")[:4] == [
        "nom;places;du;à;lon",
        ";;;;",
        '"Élan; vif";8;15/12/2026;06:30;5.04147',
        "x;oui;;;",
    ]


def test_an_opendocument_sheet_is_read_too():
    assert decoding.decode(ods([["nom", "places"], ["Élan", "huit"]])).split("\r\n")[:2] == [
        "nom;places",
        "Élan;huit",
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04rest", "ne s'ouvre pas"),
        (b"\xd0\xcf\x11\xe0rest", "ne s'ouvre pas"),
        (packed({"notes.txt": "rien"}), "ne s'ouvre pas"),
        (packed({"xl/workbook.xml": "0" * (workbooks.MOST_OPENED + 1)}), "trop gros une fois ouvert"),
        (xlsx([]), "classeur est vide"),
        (xlsx([[cell("A1", "a"), cell("ZZ1", "b")]]), "trop de colonnes"),
    ],
)
def test_what_cannot_be_read_is_said(data, why):
    with pytest.raises(Refused, match=why):
        decoding.decode(data)


def test_a_sheet_without_end_is_read_up_to_what_a_table_may_hold():
    rows = [[cell(f"A{n}", "x")] for n in range(1, 5_200)]
    assert decoding.decode(xlsx(rows)).count("\r\n") == workbooks.MOST_ROWS
