"""Run benchmarks: `python -m bench [NAME ...]`.

Each module of this folder has `figures()`, which yields `Figure`s. One JSON object a line goes to standard output, a
table for people to standard error. Machines are shared and noisy: medians of several runs, and ratios to a peer in the
same run where there is one.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import platform
import sys
from dataclasses import asdict

import bench
from bench.figure import Figure


def main(names: list[str]) -> int:
    parts = {"__main__", "figure", "growth", "served"}
    known = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name not in parts)
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    found: list[Figure] = []
    for name in names or known:
        for figure in importlib.import_module(f"bench.{name}").figures():
            found.append(figure)
            print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)
    print(f"\n{platform.platform()}, Python {platform.python_version()}", file=sys.stderr)
    width = max((len(figure.figure) for figure in found), default=0)
    for figure in found:
        peer = "" if figure.ratio is None else f"  {figure.ratio:.3f} of {figure.peer}"
        goal = "" if figure.goal is None else f"  goal {figure.goal}: {'holds' if figure.holds else 'MISSED'}"
        print(f"{figure.figure:<{width}}  {figure.value:>10.3f} {figure.unit}{peer}{goal}", file=sys.stderr)
    return 0 if all(figure.holds is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
