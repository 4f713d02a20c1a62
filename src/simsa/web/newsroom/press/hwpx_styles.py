"""How an article looks as HWPX: typeface, characters, paragraphs and borders by number, as `header.xml` declares them.

After KS X 6101 (OWPML). Lengths are HWPUNIT, 1/7200 inch; heights of letters are hundredths of a point.
"""

from __future__ import annotations

from dataclasses import dataclass

SCRIPTS = ("hangul", "latin", "hanja", "japanese", "other", "symbol", "user")
TYPEFACES = ("함초롬돋움", "함초롬바탕")
"""Typefaces that come with the word processor; documents do not bring their own."""

INK, SOFT, ACCENT = "#16211F", "#4D5856", "#0B6E5F"


@dataclass(frozen=True)
class Letters:
    """How letters look."""

    height: int = 1050
    typeface: int = 1
    colour: str = INK
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True)
class Lines:
    """How a paragraph stands: its alignment, what it leaves free, the distance of its lines in per cent."""

    align: str = "LEFT"
    left: int = 0
    hanging: int = 0
    before: int = 0
    after: int = 600
    spacing: int = 165


LETTERS = {
    "text": Letters(),
    "bold": Letters(bold=True),
    "italic": Letters(italic=True),
    "bold italic": Letters(bold=True, italic=True),
    "title": Letters(2000, 0, bold=True),
    "subhead": Letters(1250, 0, SOFT),
    "heading": Letters(1350, 0, ACCENT, bold=True),
    "small": Letters(900, 0, SOFT),
    "link": Letters(colour=ACCENT),
}
PARAGRAPHS = {
    "text": Lines(),
    "title": Lines(spacing=140),
    "subhead": Lines(after=200, spacing=140),
    "heading": Lines(before=1600, after=600, spacing=140),
    "item": Lines(left=1400, hanging=1400, after=200),
    "quote": Lines(left=2000),
    "centre": Lines("CENTER", after=200),
    "cell": Lines(after=0, spacing=130),
    "number": Lines("RIGHT", after=0, spacing=130),
}
STYLES = (
    ("바탕글", "Normal", "text", "text"),
    ("제목", "Title", "title", "title"),
    ("개요 1", "Outline 1", "heading", "heading"),
)
"""Styles by their Korean and English name, with paragraph and letters."""

NO_BORDER, CELL, HEAD = 1, 2, 3
"""Border fills by number: none, around a cell of a table, around one of its head."""


def header_xml(spaces: str) -> str:
    """`Contents/header.xml`; `spaces` declares the namespaces."""
    return (
        f'<hh:head {spaces} version="1.5" secCnt="1">'
        '<hh:beginNum page="1" footnote="1" endnote="1" pic="1" tbl="1" equation="1"/><hh:refList>'
        f"{_fontfaces()}{_borders()}{_characters()}"
        '<hh:tabProperties itemCnt="1"><hh:tabPr id="0" autoTabLeft="0" autoTabRight="0"/></hh:tabProperties>'
        '<hh:numberings itemCnt="1"><hh:numbering id="1" start="0"><hh:paraHead start="1" level="1" align="LEFT" '
        'useInstWidth="1" autoIndent="1" widthAdjust="0" textOffsetType="PERCENT" textOffset="50" numFormat="DIGIT" '
        'charPrIDRef="4294967295" checkable="0">^1.</hh:paraHead></hh:numbering></hh:numberings>'
        f"{_paragraphs()}{_styles()}</hh:refList>"
        '<hh:compatibleDocument targetProgram="HWP201X"><hh:layoutCompatibility/></hh:compatibleDocument>'
        '<hh:docOption><hh:linkinfo path="" pageInherit="0" footnoteInherit="0"/></hh:docOption>'
        '<hh:trackchageConfig flags="56"/></hh:head>'
    )


def letters(name: str) -> int:
    """The number of a look of letters."""
    return list(LETTERS).index(name)


def lines(name: str) -> int:
    """The number of a look of paragraphs."""
    return list(PARAGRAPHS).index(name)


def style(paragraph: str) -> int:
    """The number of the style of a look of paragraphs."""
    return next((n for n, (_ko, _en, look, _letters) in enumerate(STYLES) if look == paragraph), 0)


def _fontfaces() -> str:
    fonts = "".join(
        f'<hh:font id="{n}" face="{face}" type="TTF" isEmbedded="0"><hh:typeInfo familyType="FCAT_GOTHIC" weight="6" '
        'proportion="4" contrast="0" strokeVariation="1" armStyle="1" letterform="1" midline="1" xHeight="1"/>'
        "</hh:font>"
        for n, face in enumerate(TYPEFACES)
    )
    faces = "".join(
        f'<hh:fontface lang="{script.upper()}" fontCnt="{len(TYPEFACES)}">{fonts}</hh:fontface>' for script in SCRIPTS
    )
    return f'<hh:fontfaces itemCnt="{len(SCRIPTS)}">{faces}</hh:fontfaces>'


def _borders() -> str:
    fills = "".join(
        f'<hh:borderFill id="{number}" threeD="0" shadow="0" centerLine="NONE" breakCellSeparateLine="0">'
        '<hh:slash type="NONE" Crooked="0" isCounter="0"/><hh:backSlash type="NONE" Crooked="0" isCounter="0"/>'
        + "".join(f'<hh:{side}Border type="{line}" width="0.12 mm" color="#8A9693"/>' for side in _SIDES)
        + '<hh:diagonal type="NONE" width="0.1 mm" color="#000000"/>'
        f'<hc:fillBrush><hc:winBrush faceColor="{colour}" hatchColor="#999999" alpha="0"/></hc:fillBrush>'
        "</hh:borderFill>"
        for number, line, colour in ((NO_BORDER, "NONE", "none"), (CELL, "SOLID", "none"), (HEAD, "SOLID", "#E8EFED"))
    )
    return f'<hh:borderFills itemCnt="3">{fills}</hh:borderFills>'


_SIDES = ("left", "right", "top", "bottom")


def _characters() -> str:
    made = "".join(_letters(number, look) for number, look in enumerate(LETTERS.values()))
    return f'<hh:charProperties itemCnt="{len(LETTERS)}">{made}</hh:charProperties>'


def _letters(number: int, look: Letters) -> str:
    def each(tag: str, value: int) -> str:
        return f"<hh:{tag} " + " ".join(f'{script}="{value}"' for script in SCRIPTS) + "/>"

    return (
        f'<hh:charPr id="{number}" height="{look.height}" textColor="{look.colour}" shadeColor="none" '
        f'useFontSpace="0" useKerning="0" symMark="NONE" borderFillIDRef="{NO_BORDER}">'
        f"{each('fontRef', look.typeface)}{each('ratio', 100)}{each('spacing', 0)}{each('relSz', 100)}"
        f"{each('offset', 0)}"
        f"{'<hh:italic/>' if look.italic else ''}{'<hh:bold/>' if look.bold else ''}"
        '<hh:underline type="NONE" shape="SOLID" color="#000000"/><hh:strikeout shape="NONE" color="#000000"/>'
        '<hh:outline type="NONE"/><hh:shadow type="NONE" color="#C0C0C0" offsetX="10" offsetY="10"/></hh:charPr>'
    )


def _paragraphs() -> str:
    made = "".join(_lines(number, look) for number, look in enumerate(PARAGRAPHS.values()))
    return f'<hh:paraProperties itemCnt="{len(PARAGRAPHS)}">{made}</hh:paraProperties>'


def _lines(number: int, look: Lines) -> str:
    free = {"intent": -look.hanging, "left": look.left, "right": 0, "prev": look.before, "next": look.after}
    margins = "".join(f'<hc:{side} value="{value}" unit="HWPUNIT"/>' for side, value in free.items())
    return (
        f'<hh:paraPr id="{number}" tabPrIDRef="0" condense="0" fontLineHeight="0" snapToGrid="1" '
        f'suppressLineNumbers="0" checked="0"><hh:align horizontal="{look.align}" vertical="BASELINE"/>'
        '<hh:heading type="NONE" idRef="0" level="0"/>'
        '<hh:breakSetting breakLatinWord="KEEP_WORD" breakNonLatinWord="KEEP_WORD" widowOrphan="0" keepWithNext="0" '
        'keepLines="0" pageBreakBefore="0" lineWrap="BREAK"/><hh:autoSpacing eAsianEng="0" eAsianNum="0"/>'
        f'<hh:margin>{margins}</hh:margin><hh:lineSpacing type="PERCENT" value="{look.spacing}" unit="HWPUNIT"/>'
        f'<hh:border borderFillIDRef="{NO_BORDER}" offsetLeft="0" offsetRight="0" offsetTop="0" offsetBottom="0" '
        'connect="0" ignoreMargin="0"/></hh:paraPr>'
    )


def _styles() -> str:
    made = "".join(
        f'<hh:style id="{n}" type="PARA" name="{korean}" engName="{english}" paraPrIDRef="{lines(paragraph)}" '
        f'charPrIDRef="{letters(look)}" nextStyleIDRef="0" langID="1042" lockForm="0"/>'
        for n, (korean, english, paragraph, look) in enumerate(STYLES)
    )
    return f'<hh:styles itemCnt="{len(STYLES)}">{made}</hh:styles>'
