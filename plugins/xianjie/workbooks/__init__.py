"""Workbooks (工作簿) that people fill in or send: opening them safely, reading their cells, dressing new ones.

Shared ground of contract, intake, reports and returns. In: files from outside, which may be anything.
Out: rows of text cells, one by one, in bounded memory; looks read from a template.
What can go wrong: `FileRefusedError` before anything is unpacked into memory, with a reason code and a Chinese
sentence that says what to do.
"""

from xianjie.workbooks.errors import FileRefusedError
from xianjie.workbooks.kinds import Kind, kind_of
from xianjie.workbooks.limits import Limits, limits

__all__ = ["FileRefusedError", "Kind", "Limits", "kind_of", "limits"]
