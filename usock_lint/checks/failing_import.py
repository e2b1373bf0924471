from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.uses import ProjectImport
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(ProjectImport)
def module(use: ProjectImport) -> Iterator[Report]:
    failure = use.failure
    if failure is None:
        return
    yield Report(
        use.node.name if isinstance(use.node, cst.ImportAlias) else use.node,
        failure.cells,
        say(
            "importing `{name}` fails in line {row} of {file}: {said}",
            name=use.name,
            row=failure.because.row,
            file=failure.because.file,
            said=failure.said,
        ),
        failure.raises,
        only_if_everywhere=failure.only_if_everywhere,
        because=failure.because,
    )
