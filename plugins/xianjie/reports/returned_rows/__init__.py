"""The returned-rows workbook (退回数据更正表): one a department and night, for filling in and sending back.

In: the open returned rows of a department (`ReturnedSheet`), their delivered text from the landing, a template.
Out: ``returned-rows.xlsx``; what it says to machines is in `layout`, which the way back reads with.
The only file of ours that shows personal values unmasked: see ``docs/decisions/002-unmasked-cells.md``.
"""

from xianjie.reports.returned_rows.layout import FILE_NAME, workbook_id
from xianjie.reports.returned_rows.writer import write_returned_rows

__all__ = ["FILE_NAME", "workbook_id", "write_returned_rows"]
