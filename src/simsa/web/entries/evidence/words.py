"""What findings and traces are called, for people: what it is, where, and what to do."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from simsa.web.entries.evidence.findings import Finding, Trace

FINDINGS = {
    # refused
    "empty": gettext_noop("The file is empty. Choose it once more."),
    "too_large": gettext_noop("The file is larger than it may be (%(detail)s). Make it smaller or divide it."),
    "virus": gettext_noop(
        "The virus scanner has found something in the file (%(detail)s). Clean your computer, then save it anew."
    ),
    "damaged": gettext_noop(
        "The file is damaged and cannot be read (%(detail)s). Open it, save it anew, and hand in that one."
    ),
    "costly": gettext_noop("Reading the file takes too much time or memory. Save it as PDF with smaller pictures."),
    "unread": gettext_noop(
        "The file could not be examined: it took too long several times. It is kept as it arrived. Save it as PDF with "
        "smaller pictures and add that, or ask the office to have this one examined once more."
    ),
    "encrypted": gettext_noop("The file is protected by a password. Save it without one."),
    "macros": gettext_noop(
        "The file holds macros or scripts (%(detail)s). Save it without them, as HWPX, DOCX, XLSX, PPTX or PDF."
    ),
    "embedded": gettext_noop(
        "Another file or a control is embedded in this one (%(detail)s). Take it out and hand it in by itself."
    ),
    "external": gettext_noop(
        "The file fetches something from outside when it is opened (%(detail)s). Break the link, so that pictures and "
        "values are in the file itself."
    ),
    "script": gettext_noop("The file holds a script (%(detail)s). Print it to PDF, or save it without the script."),
    "launch": gettext_noop(
        "The PDF starts a program or sends a form when it is used (%(detail)s). Print it to PDF anew."
    ),
    "film": gettext_noop(
        "The file is or holds a film or sound (%(detail)s). Hand in pictures and text; a link may lead to the film."
    ),
    "xfa": gettext_noop("The PDF is a form that only one program can show (XFA). Print it to PDF anew."),
    "entities": gettext_noop(
        "The file declares a document type, which may read other files (%(detail)s). Save it anew."
    ),
    "strict": gettext_noop("The document is saved as “Strict Open XML”. Save it as an ordinary DOCX, XLSX or PPTX."),
    "office_form": gettext_noop(
        "Templates, shows and binary workbooks are not taken. Save it as an ordinary DOCX, XLSX or PPTX, or as PDF."
    ),
    "open_document": gettext_noop("OpenDocument files are not taken. Save it as DOCX, XLSX, PPTX or PDF."),
    "hwp": gettext_noop("HWP files are not taken. Save it as HWPX or PDF in the word processor."),
    "old_office": gettext_noop("Files of Office 2003 and before are not taken. Save it as DOCX, XLSX, PPTX or PDF."),
    "mail": gettext_noop("Saved e-mail is not taken. Print it to PDF."),
    "rtf": gettext_noop("RTF files are not taken. Save it as DOCX, HWPX or PDF."),
    "postscript": gettext_noop("PostScript files are not taken. Save it as PDF."),
    "text": gettext_noop("Plain text is not taken as a file. Write it into the text of the entry, or save it as PDF."),
    "xml": gettext_noop("XML files are not taken. Print what it shows to PDF."),
    "web_page": gettext_noop("Web pages are not taken, since they can hold scripts. Print the page to PDF."),
    "svg": gettext_noop("SVG drawings are not taken, since they can hold scripts. Save it as PNG or PDF."),
    "gif": gettext_noop("GIF pictures are not taken. Save it as PNG."),
    "heic": gettext_noop("HEIC and AVIF pictures are not taken. Save it as JPEG."),
    "picture": gettext_noop("This form of picture is not taken. Save it as PNG or JPEG."),
    "moving": gettext_noop("Moving pictures are not taken. Save one picture of it as PNG."),
    "pixels": gettext_noop("The picture has too many pixels (%(detail)s). Make it smaller."),
    "too_long": gettext_noop("The document has more pages than it may have (%(detail)s). Divide it."),
    "program": gettext_noop("The file is or holds a program (%(detail)s). Programs are not taken."),
    "archive": gettext_noop("This archive is not taken. Unpack it and hand in the files."),
    "zip": gettext_noop("ZIP archives are not taken in this round. Unpack it and hand in the files."),
    "nested": gettext_noop("There is an archive inside of the file (%(detail)s). Unpack it and hand in the files."),
    "zip_bomb": gettext_noop("Unpacked, the file would be far too large (%(detail)s). Make it smaller or divide it."),
    "zip_names": gettext_noop(
        "A name in the file leads out of its folder, stands twice or is too long (%(detail)s). Pack it anew."
    ),
    "zip_hidden": gettext_noop(
        "The file is packed in an unusual way and may hide something (%(detail)s). Pack or save it anew."
    ),
    "mixed": gettext_noop("The file can be read as two kinds of file at once (%(detail)s). Save it anew."),
    "other": gettext_noop("This kind of file is not taken (%(detail)s). Save it as PDF."),
    "not_cleaned": gettext_noop(
        "The round is blind, and the traces of who made the file cannot be taken out. Print it to PDF."
    ),
    # only told
    "ending": gettext_noop("The ending of the name does not fit what is in the file (%(detail)s)."),
    "no_preview": gettext_noop("There is no preview, or only of a part; the file itself is complete."),
    "plain_preview": gettext_noop(
        "The preview shows text, tables and pictures in their order, not how the document looks."
    ),
    "pages_cut": gettext_noop("The preview has only the first pages (%(detail)s); the file itself is complete."),
    "columns_cut": gettext_noop(
        "Of wide tables the preview shows the first columns (%(detail)s); the file itself is complete."
    ),
    "text_cut": gettext_noop(
        "Only the beginning of the text can be searched (%(detail)s); the file itself is complete."
    ),
    "pictures_left_out": gettext_noop("The preview lacks some of the pictures; the file itself is complete."),
}

TRACES = {
    "author": gettext_noop("a person's name"),
    "company": gettext_noop("an organisation"),
    "times": gettext_noop("dates and times"),
    "program": gettext_noop("the program that made it"),
    "device": gettext_noop("a camera or scanner"),
    "gps": gettext_noop("the place where a picture was taken"),
    "path": gettext_noop("names of files or folders"),
    "names": gettext_noop("names of files"),
    "comments": gettext_noop("comments"),
    "changes": gettext_noop("earlier versions or tracked changes"),
    "field": gettext_noop("a field that shows what the file says of itself"),
    "identifier": gettext_noop("numbers by which copies are recognised"),
    "printer": gettext_noop("printer settings"),
    "template": gettext_noop("a template"),
    "thumbnail": gettext_noop("a small picture of an earlier state"),
    "words": gettext_noop("title, keywords or remarks"),
    "custom": gettext_noop("properties that a program added"),
    "properties": gettext_noop("document properties"),
    "signature": gettext_noop("a signature"),
    "profile": gettext_noop("a colour profile with its origin"),
    "xmp": gettext_noop("a description by the program that made it (XMP)"),
    "iptc": gettext_noop("a description for the press (IPTC)"),
    "behind": gettext_noop("something behind the end of the file"),
    "details": gettext_noop("other details that are not shown"),
}


def finding_text(finding: Finding) -> str:
    """A sentence or two in the language of the reader."""
    said = str(_(FINDINGS.get(finding.code, FINDINGS["other"])))
    # Korean writes no space before a bracket.
    return said % {"detail": finding.detail} if finding.detail else re.sub(r" ?\(%\(detail\)s\)", "", said)


def trace_text(trace: Trace) -> str:
    """What it is, what it says, and where it stands."""
    said = _(TRACES.get(trace.code, TRACES["details"]))
    what = f"{said}: {trace.value}" if trace.value else said
    return f"{what} ({trace.place})" if trace.place else what
