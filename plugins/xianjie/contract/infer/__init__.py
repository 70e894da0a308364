"""Infer (起草): a first draft of a contract from a sample of what a department sends.

In: a header and rows of text. Out: YAML that lints, with a TODO wherever a person has to decide. No value of a
row is in it, except the codes of a column that is not personal. Wrong: nothing; what is unsure says so.
"""

from xianjie.contract.infer.columns import Column, columns
from xianjie.contract.infer.draft import Place, draft

__all__ = ["Column", "Place", "columns", "draft"]
