"""Files with a secret in every place that tells who made them, and a search that would find it anywhere."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.web.entries.evidence.files import (
    blank_pdf,
    changed,
    docx_file,
    hwpx_file,
    members,
    package,
    pptx_file,
    relation,
    replacing,
    saved,
    telling_picture,
    xlsx_file,
)

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
X = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:creator>{0}</dc:creator><cp:lastModifiedBy>{0}</cp:lastModifiedBy><dc:title>{0}</dc:title>"
    "<cp:keywords>{0}</cp:keywords><dcterms:created>2023-05-01T10:00:00Z</dcterms:created></cp:coreProperties>"
)
APP = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Company>{0}</Company><Manager>{0}</Manager><Template>{0}</Template><HyperlinkBase>{0}</HyperlinkBase></Properties>"
)
CUSTOM = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
    '<property name="{0}"><vt:lpwstr>{0}</vt:lpwstr></property></Properties>'
)


def find(data: bytes, secret: str) -> list[str]:
    """Where a secret stands: in the bytes, in what is packed in them, as UTF-8 or UTF-16."""
    found = []
    for place, part in _unpacked(data, ""):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            if secret.encode(encoding) in part:
                found.append(f"{place} {encoding}")
    return found


def _unpacked(data: bytes, place: str) -> Iterator[tuple[str, bytes]]:
    yield place, data
    if data.startswith(b"PK\x03\x04"):
        for name, part in members(data).items():
            yield place, name.encode()
            yield from _unpacked(part, f"{place}/{name}")
    elif data.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(data)) as pdf:
            yield f"{place}/trailer", pdf.trailer.unparse()
            for held in pdf.objects:
                yield f"{place}/{held.objgen}", _plain(held)
                if isinstance(held, pikepdf.Stream):
                    yield f"{place}/{held.objgen}/raw", held.read_raw_bytes()
                    if not {"/DCTDecode", "/JPXDecode"} & set(str(held.get("/Filter", "")).split()):
                        yield f"{place}/{held.objgen}/stream", held.read_bytes()
    elif data.startswith(b"\x89PNG"):
        at = 8
        while at < len(data) - 12:
            length = int.from_bytes(data[at : at + 4], "big")
            for begin in range(at + 8, at + 8 + min(length, 100)):  # a packed text begins behind its word
                try:
                    yield f"{place}/chunk", zlib.decompressobj().decompress(data[begin : at + 8 + length], 1 << 20)
                except zlib.error:
                    continue
            at += 12 + length


def _plain(held: pikepdf.Object) -> bytes:
    """A PDF object, its strings as text."""
    if isinstance(held, pikepdf.String):
        return str(held).encode()
    if isinstance(held, Dictionary | pikepdf.Stream):
        return b" ".join(key.encode() + b" " + _plain(held.get(key)) for key in held.keys() if not _far(held.get(key)))  # noqa: SIM118
    if isinstance(held, Array):
        return b" ".join(_plain(value) for value in held if not _far(value))
    return str(held).encode()


def _far(held: object) -> bool:
    return isinstance(held, pikepdf.Object) and held.is_indirect


def _properties(secret: str) -> dict[str, object]:
    package_relations = {
        "_rels/.rels": lambda part: relation("custom-properties", "docProps/custom.xml", number="rIdC")(part),
        "docProps/core.xml": CORE.format(secret),
        "docProps/app.xml": APP.format(secret),
        "docProps/custom.xml": CUSTOM.format(secret),
        "docProps/thumbnail.jpeg": telling_picture("JPEG", secret),
    }
    return dict(package_relations)


def docx_secret(secret: str) -> bytes:
    author = f'w:id="1" w:author="{secret}" w:date="2023-05-01T10:00:00Z"'
    body = (
        f'<w:p w:rsidR="00AB12CD" w14:paraId="12345678" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml">'
        f"<w:pPr><w:pPrChange {author}><w:pPr/></w:pPrChange><w:rPr><w:ins {author}/></w:rPr></w:pPr>"
        f"<w:ins {author}><w:r><w:t>added</w:t></w:r></w:ins>"
        f"<w:del {author}><w:r><w:delText>{secret}</w:delText></w:r></w:del>"
        f'<w:commentRangeStart w:id="1"/><w:r><w:t>kept</w:t></w:r><w:commentRangeEnd w:id="1"/>'
        f'<w:r><w:commentReference w:id="1"/></w:r>'
        f'<w:fldSimple w:instr=" AUTHOR "><w:r><w:t>{secret}</w:t></w:r></w:fldSimple>'
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> FILENAME \\p </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>C:\\{secret}.docx</w:t></w:r>'
        f'<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        f'<w:sdt><w:sdtPr><w:alias w:val="{secret}"/><w:tag w:val="{secret}"/><w:dataBinding w:xpath="/{secret}"/></w:sdtPr>'
        f"<w:sdtContent><w:r><w:t>bound</w:t></w:r></w:sdtContent></w:sdt>"
        f'<w:smartTag w:uri="{secret}" w:element="{secret}"><w:r><w:t>smart</w:t></w:r></w:smartTag>'
        f'<w:hyperlink r:id="rIdMail" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f"<w:r><w:t>mail</w:t></w:r></w:hyperlink></w:p><!-- {secret} -->"
    )
    settings = (
        f'<w:attachedTemplate r:id="rIdT" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
        f'<w:rsids><w:rsidRoot w:val="00AB12CD"/></w:rsids><w:docVars><w:docVar w:name="a" w:val="{secret}"/></w:docVars>'
        f"</w:settings>"
    )
    template = f"file:///C:\\Users\\{secret}\\Normal.dotm"
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'

    def document_relations(part: bytes) -> bytes:
        for kind, target in (
            ("comments", "comments.xml"),
            ("people", "people.xml"),
            ("customXml", "../customXml/item9.xml"),
        ):
            part = relation(kind, target, number=f"rId{kind}")(part)
        return relation("hyperlink", f"mailto:{secret}@example.org", external=True, number="rIdMail")(part)

    return changed(
        docx_file(),
        comment=secret.encode(),
        change=_properties(secret)
        | {
            "word/document.xml": lambda part: replacing("<w:body>", f"<w:body>{body}")(
                replacing('descr=""', f'descr="C:\\{secret}\\a.png"')(part) if b'descr=""' in part else part
            ),
            "word/settings.xml": replacing("</w:settings>", settings),
            "word/_rels/settings.xml.rels": lambda _: relation(
                "attachedTemplate", template, external=True, number="rIdT"
            )(rels.encode()),
            "word/_rels/document.xml.rels": document_relations,
            "word/comments.xml": f"<w:comments {W}><w:comment {author}><w:p/></w:comment></w:comments>",
            "word/people.xml": f'<w:people {W}><w:person w:author="{secret}"/></w:people>',
            "customXml/item9.xml": f"<a>{secret}</a>",
            "word/media/image1.png": telling_picture("PNG", secret),
            f"word/{secret}.xml": "<a/>",
        }
        | {
            "word/_rels/settings.xml.rels": relation("attachedTemplate", template, external=True, number="rIdT")(
                rels.encode()
            )
        },
    )


def xlsx_secret(secret: str) -> bytes:
    absolute = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x15">'
        f'<x15ac:absPath url="C:\\{secret}\\" xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/>'
        "</mc:Choice></mc:AlternateContent>"
    )
    views = f'<customWorkbookViews><customWorkbookView name="{secret}" guid="{{0A1B2C3D-0000-4000-8000-000000000001}}" windowWidth="9" windowHeight="9" activeSheetId="1"/></customWorkbookViews>'
    outside = (
        '<externalReferences><externalReference r:id="rIdOut" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/></externalReferences>'
        f"<definedNames><definedName name=\"a\">'[1]{secret}'!$A$1</definedName></definedNames>"
    )
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'

    def workbook(part: bytes) -> bytes:
        part = replacing(
            "<workbookPr/>", f'<fileVersion appName="{secret}"/><fileSharing userName="{secret}"/><workbookPr/>'
        )(part)
        return replacing("<definedNames/>", absolute + outside + views)(part) if b"<definedNames/>" in part else part

    def workbook_relations(part: bytes) -> bytes:
        for kind, target in (("externalLink", "externalLinks/externalLink1.xml"), ("person", "persons/person.xml")):
            part = relation(kind, f"/xl/{target}", number="rIdOut" if kind == "externalLink" else "rIdPerson")(part)
        return part

    def sheet(part: bytes) -> bytes:
        formula = f"<c r=\"D1\"><f>'[1]{secret}'!A1</f><v>7</v></c></row>"
        legacy = '<legacyDrawing r:id="rIdV" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/></worksheet>'
        return replacing("</worksheet>", legacy)(replacing("</row>", formula)(part))

    comments = f"<comments {X}><authors><author>{secret}</author></authors><commentList/></comments>"
    sheet_relations = relation("vmlDrawing", "/xl/drawings/vml1.vml", number="rIdV")(
        relation("printerSettings", "/xl/printerSettings/p.bin", number="rIdP")(
            relation("comments", "/xl/comments1.xml", number="rIdC")(rels.encode())
        )
    )
    return changed(
        xlsx_file(),
        change=_properties(secret)
        | {
            "docProps/thumbnail.jpeg": telling_picture("JPEG", secret),
            "xl/workbook.xml": workbook,
            "xl/_rels/workbook.xml.rels": workbook_relations,
            "xl/externalLinks/externalLink1.xml": f"<externalLink {X}><externalBook/></externalLink>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": relation(
                "externalLinkPath", f"file:///C:\\{secret}.xlsx", external=True
            )(rels.encode()),
            "xl/persons/person.xml": f'<personList><person displayName="{secret}"/></personList>',
            "xl/worksheets/sheet1.xml": sheet,
            "xl/worksheets/_rels/sheet1.xml.rels": sheet_relations,
            "xl/comments1.xml": comments,
            "xl/drawings/vml1.vml": f'<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape alt="{secret}"/></xml>',
            "xl/printerSettings/p.bin": secret.encode("utf-16-le"),
        },
    )


def pptx_secret(secret: str) -> bytes:
    (chart_book,) = (name for name in members(pptx_file()) if name.startswith("ppt/embeddings/"))
    (media,) = (name for name in members(pptx_file()) if name.startswith("ppt/media/"))
    slide = "ppt/slides/slide1.xml"
    pictured = f'name="C:\\{secret}\\a.jpg" descr="{secret}.jpg"'

    def presentation_relations(part: bytes) -> bytes:
        part = relation("commentAuthors", "commentAuthors.xml", number="rIdA")(part)
        return relation("changesInfo", "changesInfos/changesInfo1.xml", number="rIdI")(part)

    return changed(
        pptx_file(),
        change=_properties(secret)
        | {
            "ppt/_rels/presentation.xml.rels": presentation_relations,
            "ppt/commentAuthors.xml": f'<p:cmAuthorLst {P}><p:cmAuthor name="{secret}"/></p:cmAuthorLst>',
            "ppt/changesInfos/changesInfo1.xml": f'<a name="{secret}"/>',
            "ppt/slides/_rels/slide1.xml.rels": lambda part: relation("tags", "../tags/tag1.xml", number="rIdG")(
                relation("comments", "../comments/comment1.xml", number="rIdM")(part)
            ),
            "ppt/tags/tag1.xml": f'<p:tagLst {P}><p:tag name="A" val="{secret}"/></p:tagLst>',
            "ppt/comments/comment1.xml": f"<p:cmLst {P}><p:cm><p:text>{secret}</p:text></p:cm></p:cmLst>",
            slide: lambda part: (
                replacing('name="Picture', f'{pictured} x="')(part)
                if b"descr=" not in part
                else __import__("re").sub(
                    rb'name="Picture [^"]*" descr="[^"]*"', pictured.replace("\\", "\\\\").encode(), part, count=1
                )
            ),
            media: telling_picture("JPEG", secret),
            chart_book: xlsx_secret(secret),
        },
    )


def hwpx_secret(secret: str) -> bytes:
    (media,) = (name for name in members(hwpx_file()) if name.startswith("BinData/"))
    memo = (
        f'<hp:run charPrIDRef="0"><hp:ctrl><hp:fieldBegin id="77" type="MEMO" name="{secret}"><hp:parameters cnt="1" name="">'
        f'<hp:stringParam name="Author">{secret}</hp:stringParam></hp:parameters><hp:subList><hp:p><hp:run><hp:t>{secret}</hp:t></hp:run></hp:p>'
        "</hp:subList></hp:fieldBegin></hp:ctrl><hp:t>remarked</hp:t>"
        '<hp:ctrl><hp:fieldEnd beginIDRef="77"/></hp:ctrl></hp:run>'
        '<hp:run charPrIDRef="0"><hp:ctrl><hp:fieldBegin id="78" type="SUMMERY"><hp:parameters cnt="1" name="">'
        f'<hp:stringParam name="Command">$author</hp:stringParam></hp:parameters></hp:fieldBegin></hp:ctrl><hp:t>{secret}</hp:t>'
        '<hp:ctrl><hp:fieldEnd beginIDRef="78"/></hp:ctrl></hp:run>'
        f'<hp:run charPrIDRef="0"><hp:t>before<hp:deleteBegin Id="1" TcId="1"/>{secret}<hp:deleteEnd Id="1" TcId="1"/>after</hp:t></hp:run>'
    )
    comment = f"그림입니다. 원본 그림의 이름: {secret}.jpg 원본 그림의 크기: 가로 60pixel"

    def section(part: bytes) -> bytes:
        part = replacing("</hp:run></hp:p></hs:sec>", f"</hp:run>{memo}</hp:p></hs:sec>")(part)
        if b"<hp:shapeComment>" in part:
            head, _, tail = part.partition(b"<hp:shapeComment>")
            return (
                head
                + b"<hp:shapeComment>"
                + comment.encode()
                + b"</hp:shapeComment>"
                + tail.partition(b"</hp:shapeComment>")[2]
            )
        return replacing("</hp:pic>", f"<hp:shapeComment>{comment}</hp:shapeComment></hp:pic>")(part)

    def header(part: bytes) -> bytes:
        authors = f'<hh:trackChangeAuthors itemCnt="1"><hh:trackChangeAuthor id="1" name="{secret}"/></hh:trackChangeAuthors></hh:refList>'
        part = replacing("</hh:refList>", authors)(part)
        part = replacing('linkinfo path=""', f'linkinfo path="C:\\{secret}.hwpx"')(part)
        return replacing('{"name":""}', f'{{"name":"{secret}"}}')(part)

    settings = (
        '<ha:HWPApplicationSetting xmlns:ha="http://www.hancom.co.kr/hwpml/2011/app"><ha:CaretPosition pos="16"/>'
        f'<config:config-item-set xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0" name="PrintInfo">{secret}'
        "</config:config-item-set></ha:HWPApplicationSetting>"
    )
    data = changed(
        hwpx_file(),
        comment=secret.encode(),
        change={
            "version.xml": lambda part: part.replace(b'appVersion="', f'appVersion="{secret} '.encode(), 1),
            "Contents/content.hpf": lambda part: part.replace(b"synthetic-fixture-author", secret.encode()).replace(
                b"<opf:title/>", f"<opf:title>{secret}</opf:title>".encode()
            ),
            "Contents/section0.xml": section,
            "Contents/header.xml": header,
            "settings.xml": settings,
            "Preview/PrvText.txt": secret,
            "Preview/PrvImage.png": telling_picture("PNG", secret),
            f"Custom/{secret}.xml": f"<a>{secret}</a>",
            "META-INF/documentsignatures.xml": f"<a>{secret}</a>",
            media: telling_picture("PNG", secret),
        },
    )
    return data


def pdf_secret(secret: str) -> bytes:
    pdf = blank_pdf(2)
    for key in ("Author", "Creator", "Producer", "Title", "Subject", "Keywords", "Company", "CreationDate", secret):
        pdf.docinfo[f"/{key}"] = secret
    pdf.Root.Metadata = pdf.make_stream(
        f"<x:xmpmeta>{secret}</x:xmpmeta>".encode(), Type=Name.Metadata, Subtype=Name.XML
    )
    pdf.Root.PieceInfo = Dictionary(App=Dictionary(Private=String(secret)))
    pdf.Root[f"/{secret}"] = String(secret)
    pdf.Root.Threads = Array([pdf.make_indirect(Dictionary(I=Dictionary(Author=String(secret))))])
    pdf.trailer[f"/{secret}"] = String(secret)
    pdf.trailer.ID = Array([String(secret), String(secret)])
    page = pdf.pages[0]
    page.obj.PieceInfo = Dictionary(App=Dictionary(LastModified=String(secret)))
    page.obj.Thumb = pdf.make_stream(secret.encode())
    page.obj.Contents = pdf.make_stream(page.Contents.read_bytes() + f"\n% {secret}\n".encode())
    jpeg = telling_picture("JPEG", secret)
    image = pdf.make_stream(
        jpeg,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=60,
        Height=40,
        BitsPerComponent=8,
        ColorSpace=Array([Name.ICCBased, pdf.make_stream(b"%b" % secret.encode(), N=3)]),
        Filter=Name.DCTDecode,
        Metadata=pdf.make_stream(secret.encode()),
        Private=String(secret),
    )
    drawn = pdf.make_stream(
        f"0 1 0 rg 0 0 40 40 re f % {secret}".encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 40, 40]
    )
    drawn.PieceInfo = Dictionary(Private=String(secret))
    page.obj.Resources.XObject = Dictionary(Im=image, Fm=drawn)
    page.contents_add(b"q 60 0 0 40 200 20 cm /Im Do Q q 1 0 0 1 200 200 cm /Fm Do Q")
    looks = Dictionary(
        N=pdf.make_stream(b"1 0 0 rg 0 0 20 20 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 20, 20])
    )
    told = {
        "T": String(secret),
        "NM": String(secret),
        "Contents": String(secret),
        "RC": String(secret),
        "M": String(secret),
    }
    note = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[10, 350, 30, 370], **told))
    mark = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=[40, 350, 60, 370], AP=looks, **told)
    )
    link = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=[0, 0, 9, 9],
            NM=String(secret),
            A=Dictionary(S=Name.URI, URI=String("https://example.org/")),
        )
    )
    own = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.GoToR, F=String(f"C:/{secret}"))
        )
    )
    signed = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(secret),
            Rect=[70, 350, 90, 370],
            AP=looks,
            V=Dictionary(Type=Name.Sig, Name=String(secret), ContactInfo=String(secret)),
        )
    )
    page.obj.Annots = Array([note, mark, link, own, signed])
    pdf.Root.AcroForm = Dictionary(Fields=Array([signed]), SigFlags=3)
    held = pdf.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.P,
            T=String(secret),
            Alt=String("shown"),
            K=Dictionary(Type=Name.OBJR, Obj=mark),
        )
    )
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([held])))
    layer = pdf.make_indirect(
        Dictionary(
            Type=Name.OCG, Name=String("layer"), Usage=Dictionary(CreatorInfo=Dictionary(Creator=String(secret)))
        )
    )
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(Creator=String(secret), Order=Array([layer])))
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent, S=Name.GTS_PDFX, Info=String(secret), OutputConditionIdentifier=String(secret)
            )
        ]
    )
    return saved(pdf) + f"\n%%EOF\n% {secret}\n%%EOF\n".encode()


def zip_secret(secret: str) -> bytes:
    return package(
        {f"{secret}.pdf": pdf_secret(secret), f"{secret}/사진.jpg": telling_picture("JPEG", secret)},
        comment=secret.encode(),
    )


TELLING: dict[str, Callable[[str], bytes]] = {
    "docx": docx_secret,
    "xlsx": xlsx_secret,
    "pptx": pptx_secret,
    "hwpx": hwpx_secret,
    "pdf": pdf_secret,
    "zip": zip_secret,
    "jpeg": lambda secret: telling_picture("JPEG", secret),
    "png": lambda secret: telling_picture("PNG", secret),
    "webp": lambda secret: telling_picture("WEBP", secret),
    "tiff": lambda secret: telling_picture("TIFF", secret),
}
