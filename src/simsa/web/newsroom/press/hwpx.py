"""An article as HWPX (KS X 6101, OWPML): what Korean offices and editors open and go on writing in.

A ZIP of XML parts: the text as `Contents/section0.xml`, its looks as `Contents/header.xml`, pictures in `BinData`.
Addresses stand in brackets behind their words. The same article is always the same file.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from html import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from PIL import Image

from simsa.web.newsroom.characters import without_controls
from simsa.web.newsroom.press import hwpx_styles as look
from simsa.web.newsroom.press.pictures import jpeg, png
from simsa.web.newsroom.press.sheet import Chart, Grid, Heading, Paragraph, Part, Quoted, Run, Sheet, Shown
from simsa.web.newsroom.press.text import as_text

MIMETYPE = "application/hwp+zip"
PAPER, MARGIN = (59528, 84186), 7086
"""A4, and 25 mm."""
WIDE = PAPER[0] - 2 * MARGIN
DOT = 75
"""HWPUNIT of a dot of 1/96 inch."""

_NAMES = {
    "ha": "http://www.hancom.co.kr/hwpml/2011/app",
    "hp": "http://www.hancom.co.kr/hwpml/2011/paragraph",
    "hs": "http://www.hancom.co.kr/hwpml/2011/section",
    "hc": "http://www.hancom.co.kr/hwpml/2011/core",
    "hh": "http://www.hancom.co.kr/hwpml/2011/head",
    "hpf": "http://www.hancom.co.kr/schema/2011/hpf",
    "opf": "http://www.idpf.org/2007/opf/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "hp10": "http://www.hancom.co.kr/hwpml/2016/paragraph",
    "hhs": "http://www.hancom.co.kr/hwpml/2011/history",
    "hm": "http://www.hancom.co.kr/hwpml/2011/master-page",
    "ooxmlchart": "http://www.hancom.co.kr/hwpml/2016/ooxmlchart",
    "hwpunitchar": "http://www.hancom.co.kr/hwpml/2016/HwpUnitChar",
    "epub": "http://www.idpf.org/2007/ops",
    "config": "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
}
"""Every namespace of the form: its readers expect all of them to be declared, used or not."""
SPACES = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _NAMES.items())
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>'


def as_hwpx(sheet: Sheet) -> bytes:
    """The whole article."""
    body = _Body()
    body.head(sheet)
    for part in sheet.parts:
        body.part(part)
    body.paragraph("text", "small", (Run(sheet.address),))
    parts = {
        "version.xml": _version(),
        "Contents/content.hpf": _content(sheet, body.pictures),
        "Contents/header.xml": XML + look.header_xml(SPACES),
        "Contents/section0.xml": f"{XML}<hs:sec {SPACES}>{''.join(body.written)}</hs:sec>",
        "settings.xml": f"{XML}<ha:HWPApplicationSetting {SPACES}>"
        '<ha:CaretPosition listIDRef="0" paraIDRef="0" pos="0"/></ha:HWPApplicationSetting>',
        "Preview/PrvText.txt": as_text(sheet)[:1000],
        "META-INF/container.xml": _container(),
        "META-INF/manifest.xml": f'{XML}<odf:manifest xmlns:odf="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
    }
    made = io.BytesIO()
    with ZipFile(made, "w") as package:
        package.writestr(ZipInfo("mimetype"), MIMETYPE, ZIP_STORED)  # first and not compressed: how the form is known
        for name, text in parts.items():
            package.writestr(ZipInfo(name), text, ZIP_DEFLATED)
        for file, data in body.pictures.items():
            package.writestr(ZipInfo(f"BinData/{file}"), data, ZIP_STORED)
    return made.getvalue()


@dataclass
class _Body:
    """The section in the making, and the pictures that it shows."""

    written: list[str] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    objects: int = 0

    def head(self, sheet: Sheet) -> None:
        self.paragraph("text", "small", (Run(sheet.release),), first=True)
        self.paragraph("title", "title", (Run(sheet.title),))
        for line in sheet.subheads:
            self.paragraph("subhead", "subhead", (Run(f"- {line}"),))
        for note in sheet.notes:
            self.paragraph("text", "bold", (Run(note),))
        if sheet.byline:
            self.paragraph("text", "small", (Run(sheet.byline),))

    def part(self, part: Part) -> None:
        if isinstance(part, Heading):
            self.paragraph("heading", "heading", (Run(part.text),))
        elif isinstance(part, Paragraph) and part.marker:
            self.paragraph("item", "text", (Run(f"{part.marker} "), *part.runs))
        elif isinstance(part, Paragraph):
            self.paragraph("text", "text", part.runs)
        elif isinstance(part, Quoted):
            self.paragraph("quote", "text", (Run(f"“{part.words}”"),))
            self.paragraph("quote", "small", (Run(part.speaker),))
        elif isinstance(part, Grid):
            self.grid(part)
        elif isinstance(part, Shown):
            data = jpeg(part.picture)
            if data is not None:
                self.picture("jpg", data, part.alt, 1.0)
                self.caption(" ".join(text for text in (part.caption, part.credit) if text))
        elif isinstance(part, Chart):
            self.picture("png", png(part.svg), part.alt, 0.6)
            self.caption(part.caption or part.title)

    def paragraph(self, lines: str, letters: str, runs: tuple[Run, ...], *, first: bool = False) -> None:
        page = f'<hp:run charPrIDRef="{look.letters(letters)}">{_page()}</hp:run>' if first else ""
        self.written.append(_paragraph(lines, page + "".join(_run(run, letters) for run in runs)))

    def caption(self, text: str) -> None:
        if text:
            self.paragraph("centre", "small", (Run(text),))

    def grid(self, grid: Grid) -> None:
        columns = len(grid.header)
        narrow = WIDE // 6
        wide = (WIDE - narrow * len(grid.numeric)) // max(columns - len(grid.numeric), 1)
        widths = [narrow if n in grid.numeric else wide for n in range(columns)]
        rows = [(grid.header, True), *((row, False) for row in grid.rows)]
        cells = "".join(
            "<hp:tr>"
            + "".join(
                _cell(text, row, column, widths[column], head, column in grid.numeric)
                for column, text in enumerate(texts)
            )
            + "</hp:tr>"
            for row, (texts, head) in enumerate(rows)
        )
        table = (
            f'<hp:tbl id="{self.next()}" zOrder="0" numberingType="TABLE" textWrap="TOP_AND_BOTTOM" '
            'textFlow="BOTH_SIDES" lock="0" dropcapstyle="None" pageBreak="CELL" repeatHeader="1" '
            f'rowCnt="{len(rows)}" colCnt="{columns}" cellSpacing="0" borderFillIDRef="{look.CELL}" noAdjust="0">'
            f"{_place(sum(widths), ROW * len(rows))}"
            '<hp:outMargin left="0" right="0" top="283" bottom="283"/>'
            f'<hp:inMargin left="510" right="510" top="141" bottom="141"/>{cells}</hp:tbl>'
        )
        self.written.append(_paragraph("text", f'<hp:run charPrIDRef="0">{table}<hp:t/></hp:run>'))
        self.caption(grid.caption)

    def picture(self, ending: str, data: bytes, alt: str, share: float) -> None:
        """A picture as wide as `share` of the text at most."""
        name = f"image{len(self.pictures) + 1}"
        self.pictures[f"{name}.{ending}"] = data
        with Image.open(io.BytesIO(data)) as opened:
            dots = opened.size
        width = min(int(WIDE * share), dots[0] * DOT)
        height = round(width * dots[1] / dots[0])
        number = self.next()
        corners = ((0, 0), (width, 0), (width, height), (0, height))
        turns = "".join(
            f'<hc:{matrix}Matrix e1="1" e2="0" e3="0" e4="0" e5="1" e6="0"/>' for matrix in ("trans", "sca", "rot")
        )
        drawn = (
            f'<hp:pic id="{number}" zOrder="0" numberingType="PICTURE" textWrap="TOP_AND_BOTTOM" '
            'textFlow="BOTH_SIDES" lock="0" dropcapstyle="None" href="" groupLevel="0" '
            f'instid="{number}" reverse="0"><hp:offset x="0" y="0"/><hp:orgSz width="{width}" height="{height}"/>'
            f'<hp:curSz width="{width}" height="{height}"/><hp:flip horizontal="0" vertical="0"/>'
            f'<hp:rotationInfo angle="0" centerX="{width // 2}" centerY="{height // 2}" rotateimage="1"/>'
            f"<hp:renderingInfo>{turns}</hp:renderingInfo><hp:imgRect>"
            + "".join(f'<hc:pt{n} x="{x}" y="{y}"/>' for n, (x, y) in enumerate(corners))
            + f'</hp:imgRect><hp:imgClip left="0" right="{dots[0] * DOT}" top="0" bottom="{dots[1] * DOT}"/>'
            '<hp:inMargin left="0" right="0" top="0" bottom="0"/>'
            f'<hp:imgDim dimwidth="{dots[0] * DOT}" dimheight="{dots[1] * DOT}"/>'
            f'<hc:img binaryItemIDRef="{name}" bright="0" contrast="0" effect="REAL_PIC" alpha="0"/><hp:effects/>'
            f'{_place(width, height)}<hp:outMargin left="0" right="0" top="0" bottom="0"/>'
            f"<hp:shapeComment>{_text(alt)}</hp:shapeComment></hp:pic>"
        )
        self.written.append(_paragraph("centre", f'<hp:run charPrIDRef="0">{drawn}<hp:t/></hp:run>'))

    def next(self) -> int:
        """The number of a table or picture."""
        self.objects += 1
        return self.objects


ROW = 1400
"""Height of a row of a table with one line."""


def _paragraph(lines: str, runs: str) -> str:
    return (
        f'<hp:p id="0" paraPrIDRef="{look.lines(lines)}" styleIDRef="{look.style(lines)}" pageBreak="0" '
        f'columnBreak="0" merged="0">{runs}</hp:p>'
    )


def _run(run: Run, letters: str) -> str:
    name = letters
    if letters == "text":
        name = " ".join(word for word, said in (("bold", run.bold), ("italic", run.italic)) if said) or "text"
    said = run.text if not run.link or run.link == run.text else f"{run.text} ({run.link})"
    lines = "<hp:lineBreak/>".join(_text(line) for line in said.split("\n"))
    return f'<hp:run charPrIDRef="{look.letters("link" if run.link else name)}"><hp:t>{lines}</hp:t></hp:run>'


def _cell(text: str, row: int, column: int, width: int, head: bool, numeric: bool) -> str:
    inside = _paragraph("number" if numeric else "cell", _run(Run(text, bold=head), "text"))
    return (
        f'<hp:tc name="" header="{int(head)}" hasMargin="0" protect="0" editable="0" dirty="0" '
        f'borderFillIDRef="{look.HEAD if head else look.CELL}"><hp:subList id="" textDirection="HORIZONTAL" '
        'lineWrap="BREAK" vertAlign="CENTER" linkListIDRef="0" linkListNextIDRef="0" textWidth="0" textHeight="0" '
        f'hasTextRef="0" hasNumRef="0">{inside}</hp:subList><hp:cellAddr colAddr="{column}" rowAddr="{row}"/>'
        f'<hp:cellSpan colSpan="1" rowSpan="1"/><hp:cellSz width="{width}" height="{ROW}"/>'
        '<hp:cellMargin left="510" right="510" top="141" bottom="141"/></hp:tc>'
    )


def _place(width: int, height: int) -> str:
    """Size and place of a table or picture, which stands in the line as a letter does."""
    return (
        f'<hp:sz width="{width}" widthRelTo="ABSOLUTE" height="{height}" heightRelTo="ABSOLUTE" protect="0"/>'
        '<hp:pos treatAsChar="1" affectLSpacing="0" flowWithText="1" allowOverlap="0" holdAnchorAndSO="0" '
        'vertRelTo="PARA" horzRelTo="PARA" vertAlign="TOP" horzAlign="LEFT" vertOffset="0" horzOffset="0"/>'
    )


def _page() -> str:
    """Paper, margins and notes of the section: stands in its first paragraph."""
    notes = "".join(
        f'<hp:{kind}NotePr><hp:autoNumFormat type="DIGIT" userChar="" prefixChar="" suffixChar=")" supscript="0"/>'
        '<hp:noteLine length="-1" type="SOLID" width="0.12 mm" color="#000000"/>'
        '<hp:noteSpacing betweenNotes="283" belowLine="567" aboveLine="850"/>'
        f'<hp:numbering type="CONTINUOUS" newNum="1"/><hp:placement place="{place}" beneathText="0"/></hp:{kind}NotePr>'
        for kind, place in (("foot", "EACH_COLUMN"), ("end", "END_OF_DOCUMENT"))
    )
    borders = "".join(
        f'<hp:pageBorderFill type="{kind}" borderFillIDRef="{look.NO_BORDER}" textBorder="PAPER" headerInside="0" '
        'footerInside="0" fillArea="PAPER"><hp:offset left="1417" right="1417" top="1417" bottom="1417"/>'
        "</hp:pageBorderFill>"
        for kind in ("BOTH", "EVEN", "ODD")
    )
    return (
        '<hp:secPr id="" textDirection="HORIZONTAL" spaceColumns="1134" tabStop="8000" outlineShapeIDRef="1" '
        'memoShapeIDRef="0" textVerticalWidthHead="0" masterPageCnt="0">'
        '<hp:grid lineGrid="0" charGrid="0" wonggojiFormat="0"/>'
        '<hp:startNum pageStartsOn="BOTH" page="0" pic="0" tbl="0" equation="0"/>'
        '<hp:visibility hideFirstHeader="0" hideFirstFooter="0" hideFirstMasterPage="0" border="SHOW_ALL" '
        'fill="SHOW_ALL" hideFirstPageNum="0" hideFirstEmptyLine="0" showLineNumber="0"/>'
        '<hp:lineNumberShape restartType="0" countBy="0" distance="0" startNumber="0"/>'
        f'<hp:pagePr landscape="WIDELY" width="{PAPER[0]}" height="{PAPER[1]}" gutterType="LEFT_ONLY">'
        f'<hp:margin header="2834" footer="2834" gutter="0" left="{MARGIN}" right="{MARGIN}" top="4252" bottom="4252"/>'
        f"</hp:pagePr>{notes}{borders}</hp:secPr>"
        '<hp:ctrl><hp:colPr id="" type="NEWSPAPER" layout="LEFT" colCount="1" sameSz="1" sameGap="0"/></hp:ctrl>'
    )


def _version() -> str:
    """What the parts are written for; `tagetApplication` is spelled as the readers of the form spell it."""
    return (
        f'{XML}<hv:HCFVersion xmlns:hv="http://www.hancom.co.kr/hwpml/2011/version" tagetApplication="WORDPROCESSOR" '
        'major="5" minor="1" micro="1" buildNumber="0" os="1" xmlVersion="1.5" application="simsa" appVersion="1"/>'
    )


def _container() -> str:
    return (
        f'{XML}<ocf:container xmlns:ocf="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:hpf="{_NAMES["hpf"]}">'
        '<ocf:rootfiles><ocf:rootfile full-path="Contents/content.hpf" media-type="application/hwpml-package+xml"/>'
        '<ocf:rootfile full-path="Preview/PrvText.txt" media-type="text/plain"/></ocf:rootfiles></ocf:container>'
    )


def _content(sheet: Sheet, pictures: dict[str, bytes]) -> str:
    kinds = {"jpg": "image/jpeg", "png": "image/png"}
    changed = "" if sheet.changed is None else sheet.changed.strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"creator": sheet.byline, "CreatedDate": changed, "ModifiedDate": changed}
    metas = "".join(f'<opf:meta name="{name}" content="text">{_text(text)}</opf:meta>' for name, text in said.items())
    items = {"header": "Contents/header.xml", "section0": "Contents/section0.xml", "settings": "settings.xml"}
    listed = "".join(f'<opf:item id="{n}" href="{href}" media-type="application/xml"/>' for n, href in items.items())
    listed += "".join(
        f'<opf:item id="{file.partition(".")[0]}" href="BinData/{file}" media-type="{kinds[file.partition(".")[2]]}" '
        'isEmbeded="1"/>'
        for file in pictures
    )
    return (
        f'{XML}<opf:package {SPACES} version="" unique-identifier="" id=""><opf:metadata>'
        f"<opf:title>{_text(sheet.title)}</opf:title><opf:language>{sheet.language}</opf:language>{metas}"
        f"</opf:metadata><opf:manifest>{listed}</opf:manifest>"
        '<opf:spine><opf:itemref idref="header" linear="yes"/><opf:itemref idref="section0" linear="yes"/></opf:spine>'
        "</opf:package>"
    )


def _text(text: str) -> str:
    """Text for XML, in one line."""
    return escape(without_controls(text).replace("\r", "").replace("\n", " "), quote=False)
