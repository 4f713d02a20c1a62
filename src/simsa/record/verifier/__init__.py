"""The verifier as one HTML file: a second reader of bundles, in JavaScript, that needs neither server nor network.

The modules beside this file are joined without any tool: each becomes a function that returns what it exports. Its
Content Security Policy allows the one script, the one style and a worker made of the page's own text, nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z0-9]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) ?\*? ?(\w+))", re.MULTILINE)


def verifier_page() -> str:
    """The whole page."""
    style, script = _text("page.css"), _text("page.js")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; worker-src blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    said = {name: _text(f"{name}.json").replace("<", "\\u003c") for name in ("words", "texts")}
    parts = {"policy": policy, "style": style, "script": script, "checker": checker_script(), **said}
    return re.sub(r"\{(\w+)\}", lambda found: parts[found[1]], _text("page.html"))


def checker_script() -> str:
    """The modules of the checker as one script for a worker."""
    joined: dict[str, str] = {}
    _join("worker", joined)
    script = '"use strict";\n' + "".join(joined.values())
    if "</script" in script or "<!--" in script:
        raise ValueError("the checker holds what would end its element in the page")
    return script


@cache
def words() -> dict[str, Any]:
    """What checks, outcomes and reasons are called in English and Korean: words.json."""
    found: dict[str, Any] = json.loads(_text("words.json"))
    return found


def _join(module: str, joined: dict[str, str]) -> None:
    source = _text(f"{module}.js")
    for _, needed in _IMPORT.findall(source):
        if needed not in joined:
            _join(needed, joined)
    body = _IMPORT.sub(lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = module_{found[2]};\n", source)
    exported = _EXPORT.findall(body)
    body = _EXPORT.sub("", body)
    joined[module] = f"const module_{module} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
