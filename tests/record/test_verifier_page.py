"""The verifier's page as people use it: both languages, a phone and a desktop, by keyboard, light, dark and printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from simsa.cli.main import main
from simsa.record.verification import NAMES
from simsa.record.verifier import verifier_page
from tests.record.bundles_by_hand import b64
from tests.record.forgeries import content, made
from tests.record.rounds_by_hand import WITNESS, indicators
from tests.record.test_verifier_ballots import held
from tests.record.test_verifier_receipts import MARKS, ended, started

Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, page_file: Path) -> Iterator[Open]:
    """`opened(language, width, scheme)`; the page may log nothing, and ask for nothing."""
    problems: list[str] = []
    contexts = []

    def open_page(language: str = "en-US", width: int = 1280, scheme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.on("request", lambda asked: problems.append(asked.url) if not _own(asked.url, page_file) else None)
        page.goto(page_file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def _own(url: str, page_file: Path) -> bool:
    return url == page_file.as_uri() or url.startswith("blob:")


def give(page: Page, **files: bytes) -> None:
    page.set_input_files(
        "#files",
        [{"name": name.replace("_", "."), "mimeType": "application/octet-stream", "buffer": data}
         for name, data in files.items()],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("ko-KR", 1280, "light"), ("ko-KR", 390, "dark"), ("en-US", 390, "light"), ("fr-FR", 1280, "dark")],
)
def test_a_bundle_is_checked_and_told_plainly(
    opened: Open, axe: Any, screenshot: Any, language: str, width: int, scheme: str
) -> None:
    page = opened(language, width, scheme)
    korean = language == "ko-KR"
    axe(page)
    screenshot(page, f"verifier-empty-{language}-{width}")
    book = indicators()
    give(page, round_zip=book.bundle("full"))
    expect(page.locator(".verdict h2")).to_have_text(re.compile("검증됨" if korean else "Verified"))
    assert page.evaluate("document.documentElement.lang") == ("ko" if korean else "en")
    notice = page.locator("#found > :first-child")
    expect(notice).to_contain_text("가상 자료" if korean else "Synthetic data")
    expect(page.locator("dl.about")).to_contain_text("재정" if korean else "Fiscal")
    chosen = [one for one in book.result["standings"] if one["outcome"] == "selected"]  # type: ignore[index]
    rows = page.locator("#found tbody tr")
    assert rows.count() == len(chosen)
    for row, one in zip(rows.all(), chosen, strict=True):
        assert row.inner_text().split("\t") == [
            str(one["rank"]), f"{'기관' if korean else 'Body'} {one['entry']}", one["score"]
        ]  # fmt: skip
    changed = page.locator("#found section", has_text="도중에 바뀐 것" if korean else "What was changed on the way")
    expect(changed.locator("li")).to_have_text(re.compile("기관 e0.*fell ill" if korean else "Body e0.*fell ill"))
    assert page.locator(".checks li").count() == len(NAMES)
    assert page.locator(".checks .passed").count() == 13
    assert page.evaluate("document.documentElement.scrollWidth") == width
    axe(page)
    screenshot(page, f"verifier-found-{language}-{width}")
    page.get_by_role("button", name="English" if korean else "한국어").click()
    expect(page.locator(".verdict h2")).to_have_text(re.compile("Verified" if korean else "검증됨"))


def test_what_is_wrong_is_shown_first_and_where(opened: Open, axe: Any, screenshot: Any) -> None:
    page = opened("ko-KR", 390)
    give(page, damaged_zip=content("sheets.json", lambda rows: rows[0][2].update(idea="7.5"), tier="public"))
    expect(page.locator(".verdict h2")).to_have_text(re.compile("거부됨"))
    failed = page.locator(".checks li", has=page.locator(".failed"))
    assert failed.count() == 1
    expect(failed).to_contain_text("불일치")
    expect(failed.locator("code")).to_have_text(re.compile(r"sheets\.json, slot [0-9a-f]{32}: does not open"))
    assert page.locator("#found table").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    axe(page)
    screenshot(page, "verifier-refused")
    give(page, round_zip=made("plain").bundle(), strange_receipt=b"c2sp.org/tlog-proof@v1\nhello\n\nworld\n")
    kept = page.locator(".checks li", has=page.get_by_role("heading", name="접수증"))
    expect(kept).to_contain_text("기록이 맞는지 틀리는지 알 수 없음: receipt 1")
    expect(kept.locator("code")).to_have_text("receipt 1: says nothing of what was submitted")
    expect(page.locator(".verdict h2")).to_have_text(re.compile("검증됨"))
    give(page, letter_txt=b"Dear Sir", damaged_zip=b"PK and nothing more")
    expect(page.locator(".verdict h2")).to_have_text(re.compile("검증꾸러미가 아님"))
    expect(page.locator("#chosen")).to_contain_text(
        "letter.txt 검증꾸러미, 접수증, 증인 목록, 열쇠 가운데 어느 것도 아니"
    )
    expect(page.locator("#chosen")).to_contain_text("하나만 확인합니다")


def test_no_text_takes_the_place_of_the_bundle(opened: Open) -> None:
    """Whatever Windows did to it: line ends, a byte-order mark."""
    page = opened()
    book, slots = started()
    receipt = book.receipt(book.sheet(slots[0], MARKS))
    ended(book)
    key, policy = f"{book.keys[0].text}\n".encode(), f"witness W {WITNESS.text}\nquorum none\n".encode()
    give(page, round_zip=book.bundle())
    expect(page.locator(".verdict h2")).to_have_text(re.compile("Verified"))
    for line_end in (b"\n", b"\r\n"):
        texts = {"mine_receipt": receipt, "log_vkey": key, "trusted_txt": policy, "letter_txt": b"Dear Sir"}
        give(page, **{name: b"\xef\xbb\xbf" + text.replace(b"\n", line_end) for name, text in texts.items()})
        expect(page.locator(".verdict h2")).to_have_text(re.compile("Verified"))
        for title in ("Your receipts were kept", "Outside witnesses"):
            found = page.locator(".checks li", has_text=title)
            expect(found.locator(".outcome")).to_have_text(re.compile("Correct"))
        expect(page.get_by_label("Key of the record's keeper")).to_have_value(book.keys[0].text)
        expect(page.locator("#chosen")).to_contain_text("letter.txt is neither a bundle nor")
        page.get_by_role("button", name="Clear all").click()
        give(page, round_zip=book.bundle())


def test_a_receipt_that_accuses_is_not_called_missing(opened: Open) -> None:
    page = opened()
    book, slots = started()
    receipt = book.receipt(book.sheet(slots[0], MARKS))
    book.versions[slots[0]] = [{"idea": "1", "work": "1"}]
    ended(book)
    give(page, round_zip=book.bundle(), mine_receipt=receipt)
    expect(page.locator(".checks .failed")).to_have_count(1)
    expect(page.locator(".checks li", has=page.locator(".failed"))).to_contain_text("The marks were changed")
    limits = page.locator("#found section", has_text="What this file cannot show")
    expect(limits).not_to_contain_text("you gave no receipts")


def test_the_receipt_of_a_ballot_is_taken_too(opened: Open) -> None:
    """With the line end that an editor puts behind it."""
    page = opened()
    book, receipts = held()
    give(page, round_zip=book.bundle(), mine_json=b"\xef\xbb\xbf" + receipts[0] + b"\r\n")
    expect(page.locator("#chosen")).to_contain_text("receipt mine.json")
    for title in ("Your receipts were kept", "The public vote follows from its ballots"):
        found = page.locator(".checks li", has_text=title)
        expect(found.locator(".outcome")).to_have_text(re.compile("Correct"))


def test_receipts_key_and_witnesses_are_taken_with_the_bundle(opened: Open) -> None:
    page = opened()
    book, slots = started()
    receipt = book.receipt(book.sheet(slots[0], MARKS))
    ended(book)
    give(page, mine_receipt=receipt)
    expect(page.locator("#chosen")).to_contain_text("Add a bundle first")
    give(page, round_zip=book.bundle())
    kept = page.locator(".checks li", has_text="Your receipts were kept")
    expect(kept.locator(".outcome")).to_have_text(re.compile("Correct"))
    limits = page.locator("#found section", has_text="What this file cannot show")
    expect(limits).to_contain_text("you gave no key")
    page.get_by_label("Key of the record's keeper").fill(f" {book.keys[0].text} ")
    page.get_by_role("button", name="Check again").click()
    expect(limits).not_to_contain_text("you gave no key")
    expect(page.locator(".verdict h2")).to_have_text(re.compile("Verified"))
    page.get_by_label("Key of the record's keeper").fill(WITNESS.text)
    page.get_by_role("button", name="Check again").click()
    expect(page.locator(".verdict h2")).to_have_text(re.compile("Refused"))
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator("#found")).to_be_hidden()
    give(page, trusted_txt=f"witness W {WITNESS.text}\nquorum W\n".encode(), round_zip=made("countersigned").bundle())
    witnesses = page.locator(".checks li", has_text="Outside witnesses")
    expect(witnesses.locator(".outcome")).to_have_text(re.compile("Correct"))


def test_by_keyboard_by_dropping_and_on_paper(opened: Open) -> None:
    page = opened()
    choosers: list[object] = []
    # Asked for long before the key: the browser learns of it on another way than of keys, and may do so later.
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    for name in ("한국어", "English"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Choose files")).to_be_focused()
    page.keyboard.press("Space")
    for _ in range(100):
        if choosers:
            break
        page.wait_for_timeout(100)
    assert choosers
    page.evaluate(
        """(bytes) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], "round.zip"));
          document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
        }""",
        b64(made("plain").bundle()),
    )
    expect(page.locator(".verdict h2")).to_have_text(re.compile("Verified"))
    page.emulate_media(media="print")
    expect(page.locator("#choose")).to_be_hidden()
    expect(page.locator(".verdict")).to_be_visible()


def test_the_page_may_reach_nothing_outside(browser: Browser, page_file: Path) -> None:
    """Its policy is held by the browser: neither a request nor another script is possible."""
    page = browser.new_page()
    page.goto(page_file.as_uri())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', verifier_page())
    assert policy
    assert "default-src 'none'" in policy[1]
    assert not re.search(r"https?://|unsafe|\*", policy[1])
    blocked = page.evaluate(
        """() => new Promise((resolve) => {
          const found = [];
          document.addEventListener("securitypolicyviolation", (event) => {
            found.push(event.effectiveDirective);
            if (found.length === 3) resolve(found.sort());
          });
          fetch("https://example.invalid/").catch(() => {});
          document.head.append(Object.assign(document.createElement("script"), { textContent: "window.x = 1" }));
          document.body.append(Object.assign(new Image(), { src: "https://example.invalid/x.png" }));
        })"""
    )
    assert blocked == ["connect-src", "img-src", "script-src-elem"]
    page.close()


def test_the_command_writes_the_page_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "v.html"
    done = CliRunner().invoke(main, ["verifier", "--out", str(target)])
    assert (done.exit_code, target.read_text("utf-8")) == (0, verifier_page())
    refused = CliRunner().invoke(main, ["verifier", "--out", str(tmp_path / "none" / "v.html")])
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output
    assert list(tmp_path.iterdir()) == [target]
