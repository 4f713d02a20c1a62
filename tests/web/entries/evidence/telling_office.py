"""Office documents with a secret in every place that tells who made them."""

from __future__ import annotations

import re
from typing import Any

from tests.web.entries.evidence.files import (
    NO_RELATIONS,
    RELATIONS,
    changed,
    docx_file,
    each,
    hwpx_file,
    members,
    pptx_file,
    relation,
    replacing,
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


def properties(secret: str) -> dict[str, Any]:
    """What all three of DOCX, XLSX and PPTX say of themselves."""
    return {
        "_rels/.rels": relation("custom-properties", "docProps/custom.xml"),
        "docProps/core.xml": CORE.format(secret),
        "docProps/app.xml": APP.format(secret),
        "docProps/custom.xml": CUSTOM.format(secret),
        "docProps/thumbnail.jpeg": telling_picture("JPEG", secret),
    }


def docx_secret(secret: str) -> bytes:
    author = f'w:id="1" w:author="{secret}" w:date="2023-05-01T10:00:00Z"'

    def run(text: str, of: str = "t") -> str:
        return f"<w:r><w:{of}>{text}</w:{of}></w:r>"

    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    changes = (
        f"<w:pPr><w:rPr><w:ins {author}/></w:rPr><w:pPrChange {author}><w:pPr/></w:pPrChange></w:pPr>"
        f"<w:ins {author}>{run('added')}</w:ins><w:del {author}>{run(secret, 'delText')}</w:del>"
        f"<w:moveFrom {author}>{run(secret)}</w:moveFrom><w:moveTo {author}>{run('moved')}</w:moveTo>"
    )
    remarks = f'<w:commentRangeStart w:id="1"/>{run("kept")}<w:commentRangeEnd w:id="1"/>'
    remarks += '<w:r><w:commentReference w:id="1"/></w:r>'
    fields = f'<w:fldSimple w:instr=" AUTHOR ">{run(secret)}</w:fldSimple>'
    fields += mark("begin") + run(" FILENAME \\p ", "instrText") + mark("separate") + run(secret) + mark("end")
    for leading in (f"INCLUDEPICTURE C:\\\\{secret}.png", f'HYPERLINK "mailto:{secret}@example.org"'):
        fields += mark("begin") + run(leading, "instrText") + mark("separate") + run("led") + mark("end")
    controls = (
        f'<w:sdt><w:sdtPr><w:alias w:val="{secret}"/><w:tag w:val="{secret}"/><w:dataBinding w:xpath="/{secret}"/>'
    )
    controls += f"</w:sdtPr><w:sdtContent>{run('bound')}</w:sdtContent></w:sdt>"
    controls += f'<w:smartTag w:uri="{secret}" w:element="{secret}">{run("smart")}</w:smartTag>'
    link = f'<w:hyperlink r:id="rIdMail" xmlns:r="{RELATIONS}">{run("mail")}</w:hyperlink>'
    paragraph = f'<w:p w:rsidR="00AB12CD">{changes}{remarks}{fields}{controls}{link}</w:p><!-- {secret} -->'
    joined = f"<w:p><w:pPr><w:rPr><w:del {author}/></w:rPr></w:pPr>{run('joined')}</w:p><w:p>{run(' with this')}</w:p>"
    row = f"<w:tr><w:trPr><w:del {author}/></w:trPr><w:tc><w:p>{run(secret)}</w:p></w:tc></w:tr></w:tbl>"
    settings = (
        f'<w:attachedTemplate r:id="rIdX" xmlns:r="{RELATIONS}"/><w:rsids><w:rsidRoot w:val="00AB12CD"/></w:rsids>'
        f'<w:docVars><w:docVar w:name="a" w:val="{secret}"/></w:docVars></w:settings>'
    )
    parts = {
        "word/document.xml": each(
            replacing("<w:body>", f"<w:body>{paragraph}{joined}"),
            replacing("</w:tbl>", row),
            replacing('name="image.png"', f'name="C:\\{secret}\\a.png" descr="{secret}.png"'),
        ),
        "word/settings.xml": replacing("</w:settings>", settings),
        "word/theme/theme1.xml": lambda part: re.sub(rb'name="Office[^"]*"', f'name="{secret}"'.encode(), part),
        "word/_rels/settings.xml.rels": relation(
            "attachedTemplate", f"file:///C:\\Users\\{secret}\\Normal.dotm", external=True
        )(NO_RELATIONS),
        "word/_rels/document.xml.rels": each(
            relation("comments", "comments.xml"),
            relation("people", "people.xml"),
            relation("customXml", "../customXml/item9.xml"),
            relation("hyperlink", f"mailto:{secret}@example.org", external=True, number="rIdMail"),
        ),
        "word/comments.xml": f"<w:comments {W}><w:comment {author}><w:p/></w:comment></w:comments>",
        "word/people.xml": f'<w:people {W}><w:person w:author="{secret}"/></w:people>',
        "customXml/item9.xml": f"<a>{secret}</a>",
        "word/media/image1.png": telling_picture("PNG", secret),
        f"word/{secret}.xml": "<a/>",
    }
    return changed(docx_file(), comment=secret.encode(), change=properties(secret) | parts)


def xlsx_secret(secret: str) -> bytes:
    compatible = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    absolute = (
        f'<mc:AlternateContent xmlns:mc="{compatible}"><mc:Choice Requires="x15"><x15ac:absPath url="C:\\{secret}\\" '
        'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/></mc:Choice></mc:AlternateContent>'
    )
    views = (
        f'<customWorkbookViews><customWorkbookView name="{secret}" guid="{{0A1B2C3D-0000-4000-8000-000000000001}}" '
        'windowWidth="9" windowHeight="9" activeSheetId="1"/></customWorkbookViews>'
    )
    outside = (
        f'<externalReferences><externalReference r:id="rIdOut" xmlns:r="{RELATIONS}"/></externalReferences>'
        f"<definedNames><definedName name=\"a\">'[1]{secret}'!$A$1</definedName></definedNames>"
    )
    about = f'<fileVersion appName="{secret}"/><fileSharing userName="{secret}"/><workbookPr/>'
    formulas = (
        f'<c r="D1"><f>\'[1]{secret}\'!A1</f><v>7</v></c><c r="E1"><f>B1*2</f><v>3660</v></c>'
        f'<c r="F1"><f t="shared" ref="F1:G1" si="0">\'[1]{secret}\'!A1</f><v>8</v></c>'
        '<c r="G1"><f t="shared" si="0"/><v>9</v></c></row>'
    )
    legacy = f'<legacyDrawing r:id="rIdV" xmlns:r="{RELATIONS}"/></worksheet>'
    parts = {
        "xl/workbook.xml": each(
            replacing("<workbookPr/>", about), replacing("<definedNames/>", absolute + outside + views)
        ),
        "xl/_rels/workbook.xml.rels": each(
            relation("externalLink", "/xl/externalLinks/externalLink1.xml", number="rIdOut"),
            relation("person", "/xl/persons/person.xml"),
        ),
        "xl/externalLinks/externalLink1.xml": f"<externalLink {X}><externalBook/></externalLink>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": relation(
            "externalLinkPath", f"file:///C:\\{secret}.xlsx", external=True
        )(NO_RELATIONS),
        "xl/persons/person.xml": f'<personList><person displayName="{secret}"/></personList>',
        "xl/worksheets/sheet1.xml": each(replacing("</row>", formulas), replacing("</worksheet>", legacy)),
        "xl/worksheets/_rels/sheet1.xml.rels": each(
            relation("vmlDrawing", "/xl/drawings/vml1.vml", number="rIdV"),
            relation("printerSettings", "/xl/printerSettings/p.bin"),
            relation("comments", "/xl/comments1.xml"),
        )(NO_RELATIONS),
        "xl/comments1.xml": f"<comments {X}><authors><author>{secret}</author></authors><commentList/></comments>",
        "xl/drawings/vml1.vml": f'<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape alt="{secret}"/></xml>',
        "xl/printerSettings/p.bin": secret.encode("utf-16-le"),
    }
    return changed(xlsx_file(), change=properties(secret) | parts)


def pptx_secret(secret: str) -> bytes:
    (chart_book,) = (name for name in members(pptx_file()) if name.startswith("ppt/embeddings/"))
    (media,) = (name for name in members(pptx_file()) if name.startswith("ppt/media/"))
    named = f'name="C:\\{secret}\\a.jpg" descr="{secret}.jpg"'
    parts = {
        "ppt/_rels/presentation.xml.rels": each(
            relation("commentAuthors", "commentAuthors.xml"), relation("changesInfo", "changesInfos/changesInfo1.xml")
        ),
        "ppt/commentAuthors.xml": f'<p:cmAuthorLst {P}><p:cmAuthor name="{secret}"/></p:cmAuthorLst>',
        "ppt/changesInfos/changesInfo1.xml": f'<a name="{secret}"/>',
        "ppt/slides/_rels/slide1.xml.rels": each(
            relation("tags", "../tags/tag1.xml"), relation("comments", "../comments/comment1.xml")
        ),
        "ppt/tags/tag1.xml": f'<p:tagLst {P}><p:tag name="A" val="{secret}"/></p:tagLst>',
        "ppt/comments/comment1.xml": f"<p:cmLst {P}><p:cm><p:text>{secret}</p:text></p:cm></p:cmLst>",
        "ppt/slides/slide1.xml": replacing('name="Picture 2" descr="image.jpg"', named),
        media: telling_picture("JPEG", secret),
        chart_book: xlsx_secret(secret),
    }
    return changed(pptx_file(), change=properties(secret) | parts)


def hwpx_secret(secret: str) -> bytes:
    (media,) = (name for name in members(hwpx_file()) if name.startswith("BinData/"))

    def field(number: int, kind: str, inside: str, shown: str) -> str:
        begin = f'<hp:ctrl><hp:fieldBegin id="{number}" type="{kind}" name="">{inside}</hp:fieldBegin></hp:ctrl>'
        end = f'<hp:ctrl><hp:fieldEnd beginIDRef="{number}"/></hp:ctrl>'
        return f'<hp:run charPrIDRef="0">{begin}<hp:t>{shown}</hp:t>{end}</hp:run>'

    said = f'<hp:parameters cnt="1" name=""><hp:stringParam name="Author">{secret}</hp:stringParam></hp:parameters>'
    remark = f"{said}<hp:subList><hp:p><hp:run><hp:t>{secret}</hp:t></hp:run></hp:p></hp:subList>"
    deleted = f'<hp:deleteBegin Id="1" TcId="1"/>{secret}<hp:deleteEnd Id="1" TcId="1"/>'
    more = field(77, "MEMO", remark, "remarked") + field(78, "SUMMERY", said, secret)
    more += f'<hp:run charPrIDRef="0"><hp:t>before{deleted}after</hp:t></hp:run>'
    comment = f"그림입니다. 원본 그림의 이름: {secret}.jpg 원본 그림의 크기: 가로 60pixel"
    authors = (
        f'<hh:trackChangeAuthors itemCnt="1"><hh:trackChangeAuthor id="1" name="{secret}"/></hh:trackChangeAuthors>'
    )
    settings = (
        '<ha:HWPApplicationSetting xmlns:ha="http://www.hancom.co.kr/hwpml/2011/app"><ha:CaretPosition pos="16"/>'
        '<config:config-item-set xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0" name="PrintInfo">'
        f"{secret}</config:config-item-set></ha:HWPApplicationSetting>"
    )
    parts = {
        "version.xml": replacing('appVersion="', f'appVersion="{secret} '),
        "Contents/content.hpf": each(
            replacing("</opf:manifest>", f'<opf:item id="x" href="C:\\{secret}.png" isEmbeded="0"/></opf:manifest>'),
            lambda part: re.sub(rb"synthetic-fixture-author", secret.encode(), part),
            replacing("<opf:title/>", f"<opf:title>{secret}</opf:title>"),
        ),
        "Contents/section0.xml": each(
            replacing("</hp:run></hp:p></hs:sec>", f"</hp:run>{more}</hp:p></hs:sec>"),
            replacing("<hp:shapeComment/>", f"<hp:shapeComment>{comment}</hp:shapeComment>"),
        ),
        "Contents/header.xml": each(
            replacing("</hh:refList>", f"{authors}</hh:refList>"),
            replacing('linkinfo path=""', f'linkinfo path="C:\\{secret}.hwpx"'),
            replacing('{"name":""}', f'{{"name":"{secret}"}}'),
        ),
        "settings.xml": settings,
        "Preview/PrvText.txt": secret,
        "Preview/PrvImage.png": telling_picture("PNG", secret),
        f"Custom/{secret}.xml": f"<a>{secret}</a>",
        "META-INF/documentsignatures.xml": f"<a>{secret}</a>",
        media: telling_picture("PNG", secret),
    }
    return changed(hwpx_file(), comment=secret.encode(), change=parts)
