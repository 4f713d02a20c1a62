"""Cut the site's typeface out of Pretendard, so that a page loads only the slices it needs.

Pretendard 1.3.9 (Kil Hyung-jin; SIL Open Font License 1.1) comes from the npm package `pretendard`, Noto Sans CJK 2.004
(Adobe; SIL Open Font License 1.1) from Debian's package `fonts-noto-cjk` 20220127:

    npm pack pretendard@1.3.9 && tar xzf pretendard-1.3.9.tgz
    apt-get download fonts-noto-cjk && dpkg-deb -x fonts-noto-cjk_*.deb noto
    python -m venv scratch && scratch/bin/pip install fonttools==4.68.0 brotli==1.2.1 cffsubr==0.4.0
    scratch/bin/python tools/fonts.py package noto src/simsa/web/site/static/simsa src/simsa/web/typeface/fonts

writes `fonts/*.woff2` (variable, weights 400 to 700), the licence beside them, and `fonts.css` for the site; for
documents on paper, which are set by a program that reads neither slices nor variable weights, one TrueType file for
each weight, and the licence. A subset is a modified version and the licence reserves the name Pretendard for the
original, so the cut typeface is called Simsa Sans.

What Simsa Sans lacks on paper comes from Noto Sans CJK, in its Korean forms, under names of its own: Simsa Hanja (the
4,888 of KS X 1001 and signs such as ㈜, regular and bold, for headlines are full of them) and Simsa Rest (the other
8,822 Hangul syllables, kana, Greek, Cyrillic and signs, in one weight); without layout features, which would bring
forms of other languages.

Slices: Latin, digits, punctuation and signs in one, and the 2,350 Hangul syllables of KS X 1001 in seven, the common
ones first. How common a syllable is follows the package's own dynamic subset (its last slice holds the commonest ones).
The rarest slice claims the whole Hangul block and comes first in the style sheet: a later face wins where ranges meet.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from unicodedata import normalize

import cffsubr
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FAMILY = "Simsa Sans"
WEIGHTS = (400, 700)
FEATURES = ["ccmp", "locl", "kern", "mark", "mkmk", "calt", "case", "tnum"]
SLICES = (160, 240, 300, 350, 400, 420)  # syllables per slice, commonest first; what is left is the last slice
EVERYWHERE = "심사한국어"  # the masthead of every page, English ones too
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x2C6, 0x2DA, 0x2DC]
SIGNS = [ord(sign) for sign in "‐‑–—―‘’‚“”„†‡•…‰′″‹›⁄€₩™←↑→↓↔−≈≠≤≥∑√∞■□▲△▶▼▽◀◆◇○●★☆✓✔✕❌「」『』《》〈〉【】、。㎡"]

HANJA, REST = "Simsa Hanja", "Simsa Rest"
KOREAN = 1  # the face with Korean forms in the collections of Noto Sans CJK
ENCLOSED = ((0x2460, 0x2473), (0x3200, 0x321E), (0x3260, 0x327F), (0x3380, 0x33DD))
REST_RANGES = (
    *((0x180, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF), (0x2010, 0x205E), (0x2070, 0x209F)),
    *((0x20A0, 0x20BF), (0x2100, 0x218F), (0x2190, 0x22FF), (0x2300, 0x23FF), (0x2460, 0x27BF), (0x3000, 0x30FF)),
    *((0x3131, 0x318E), (0x3200, 0x33FF), (0xAC00, 0xD7A3), (0xFF01, 0xFFE6)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the unpacked npm package pretendard")
    parser.add_argument("noto", type=Path, help="the unpacked Debian package fonts-noto-cjk")
    parser.add_argument("target", type=Path, help="the folder that gets fonts/ and fonts.css")
    parser.add_argument("paper", type=Path, help="the folder that gets the typeface for documents")
    args = parser.parse_args()
    folder = args.target / "fonts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = args.package / "dist/public/variable/PretendardVariable.ttf"
    order = syllables_by_frequency(args.package / "dist/web/variable/pretendardvariable-dynamic-subset.css")
    faces = []
    for name, points in slices(order).items():
        covered = cut(source, points, folder / f"{name}.woff2")
        whole_block = name == f"hangul-{len(SLICES) + 1}"
        faces.append(face(name, "U+1100-11FF,U+3130-318F,U+AC00-D7A3" if whole_block else ranges(covered)))
    for_paper(source, sorted({point for points in slices(order).values() for point in points}), args.paper)
    beside_it(args.noto, args.paper)
    for place in (folder, args.paper):
        shutil.copy(args.package / "dist/LICENSE.txt", place / "LICENSE.txt")
    note = "/* Simsa Sans: a subset of Pretendard 1.3.9, SIL OFL 1.1 (fonts/LICENSE.txt). Made by tools/fonts.py. */\n"
    (args.target / "fonts.css").write_text(note + "".join(reversed(faces)), encoding="utf-8")


def syllables_by_frequency(stylesheet: Path) -> list[int]:
    """The Hangul syllables of KS X 1001, commonest slice of the package's own dynamic subset first."""
    found: list[int] = []
    for declared in reversed(re.findall(r"unicode-range:([^;]+);", stylesheet.read_text(encoding="utf-8"))):
        for part in declared.split(","):
            first, _, last = part.strip().removeprefix("U+").partition("-")
            found += range(int(first, 16), int(last or first, 16) + 1)
    found = [*map(ord, EVERYWHERE), *found]
    wanted = {point for point in range(0xAC00, 0xD7A4) if is_in_ks_x_1001(chr(point))}
    order = [point for point in dict.fromkeys(found) if point in wanted]
    return order + sorted(wanted.difference(order))


def is_in_ks_x_1001(character: str) -> bool:
    """Python spells the other syllables as eight-byte make-up sequences, so two bytes mean one of the 2,350."""
    return len(character.encode("euc_kr", errors="ignore")) == 2


def slices(order: list[int]) -> dict[str, list[int]]:
    cut_points, start = {"latin": LATIN + SIGNS}, 0
    for number, size in enumerate([*SLICES, len(order)], 1):
        cut_points[f"hangul-{number}"] = order[start : start + size]
        start += size
    cut_points[f"hangul-{len(SLICES) + 1}"] += range(0x3131, 0x318F)
    return cut_points


def cut(source: Path, points: Iterable[int], target: Path) -> list[int]:
    """Write the slice and return the code points that the typeface really has."""
    font = instancer.instantiateVariableFont(limited(source, points), {"wght": WEIGHTS}, updateFontNames=False)
    rename(font)
    font.flavor = "woff2"
    font.save(target)
    return sorted(font.getBestCmap())


def for_paper(source: Path, points: Iterable[int], folder: Path) -> None:
    """Write all of the typeface in its two weights."""
    folder.mkdir(parents=True, exist_ok=True)
    for weight, style in zip(WEIGHTS, ("Regular", "Bold"), strict=True):
        font = instancer.instantiateVariableFont(limited(source, points), {"wght": weight}, updateFontNames=False)
        rename(font, style)
        font["OS/2"].usWeightClass = weight
        font["OS/2"].fsSelection = 0x20 if style == "Bold" else 0x40
        font["head"].macStyle = 1 if style == "Bold" else 0
        font.save(folder / f"simsa-sans-{style.lower()}.ttf")


def beside_it(noto: Path, folder: Path) -> None:
    """Write what Simsa Sans lacks on paper, and its licence."""
    collections = noto / "usr/share/fonts/opentype/noto"
    own = set(TTFont(folder / "simsa-sans-regular.ttf").getBestCmap())
    # KS X 1001 has some twice, for their second reading; what is set is normalized before, so that once is enough.
    listed = [chr(point) for block in ((0x4E00, 0xA000), (0xF900, 0xFB00)) for point in range(*block)]
    hanja = {ord(normalize("NFC", character)) for character in filter(is_in_ks_x_1001, listed)}
    hanja |= {point for first, last in ENCLOSED for point in range(first, last + 1)} - own
    rest = {point for first, last in REST_RANGES for point in range(first, last + 1)} - own - hanja
    for family, style, points in ((HANJA, "Regular", hanja), (HANJA, "Bold", hanja), (REST, "Regular", rest)):
        font = in_korean(collections / f"NotoSansCJK-{style}.ttc", points)
        rename(font, style, family, "Version 2.004")
        cffsubr.subroutinize(font, cff_version=1)
        font.save(folder / f"{family.lower().replace(' ', '-')}-{style.lower()}.otf")
    told = (noto / "usr/share/doc/fonts-noto-cjk/copyright").read_text(encoding="utf-8")
    licence = re.search(r"^License: SIL-1\.1\n((?: .*\n|\n)+?)(?=^License:)", told[told.index("2013, Vasudev") :], re.M)
    lines = [line.removeprefix(" ") for line in licence[1].splitlines()]
    text = "\n".join("" if line == "." else line for line in lines).strip()
    head = f"{HANJA} and {REST} are cut from Noto Sans CJK 2.004. Copyright 2014-2021 Adobe (http://www.adobe.com/).\n"
    (folder / "LICENSE-noto.txt").write_text(f"{head}\n{text}\n", encoding="utf-8")


def in_korean(collection: Path, points: set[int]) -> TTFont:
    """The Korean face of a collection with these characters alone."""
    font = TTFont(collection, fontNumber=KOREAN, recalcTimestamp=False)
    unused = ["vhea", "vmtx", "VORG", "BASE", "STAT", "GSUB", "GPOS", "GDEF"]
    options = subset.Options(layout_features=[], hinting=False, name_IDs=["*"], notdef_outline=True)
    options.drop_tables = [*options.drop_tables, *unused]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    return font


def limited(source: Path, points: Iterable[int]) -> TTFont:
    """The typeface with these characters alone."""
    font = TTFont(source)
    options = subset.Options(layout_features=FEATURES, hinting=False, name_IDs=["*"], notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=set(points))
    cutter.subset(font)
    return font


def rename(font: TTFont, style_name: str = "Regular", family: str = FAMILY, version: str = "Version 1.309") -> None:
    kept = {0: None, 7: None, 13: None, 14: None}
    full = family if style_name == "Regular" else f"{family} {style_name}"
    style = {1: family, 2: style_name, 3: "simsa;" + full, 4: full, 5: version, 6: full.replace(" ", "")}
    if "CFF " in font:
        font["CFF "].cff.fontNames[0] = style[6]
        font["CFF "].cff[0].FullName, font["CFF "].cff[0].FamilyName = full, family
    axes, instances = (font["fvar"].axes, font["fvar"].instances) if "fvar" in font else ([], [])
    used = {axis.axisNameID for axis in axes}
    used.update(instance.subfamilyNameID for instance in instances)
    if "STAT" in font:
        used.update(value.ValueNameID for value in font["STAT"].table.AxisValueArray.AxisValue)
        used.update(axis.AxisNameID for axis in font["STAT"].table.DesignAxisRecord.Axis)
    font["name"].names = [n for n in font["name"].names if n.nameID in kept or (n.nameID in used and n.nameID > 255)]
    for name_id, text in style.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    for instance in instances:
        instance.postscriptNameID = 0xFFFF


def ranges(points: list[int]) -> str:
    runs: list[list[int]] = []
    for point in points:
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def face(name: str, unicode_range: str) -> str:
    return (
        f"@font-face{{font-family:'{FAMILY}';font-weight:{WEIGHTS[0]} {WEIGHTS[1]};font-display:swap;"
        f"src:url(fonts/{name}.woff2) format('woff2');unicode-range:{unicode_range}}}\n"
    )


if __name__ == "__main__":
    main()
