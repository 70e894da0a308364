"""Contract (数据契约): what a department promised to send.

In: ``include/contracts/<department>/<dataset>.yaml`` (ODCS v3.1) and ``include/codes/*.csv``.
Out: the typed `Contract`, from which landing columns, sieve, gate, table columns and dictionary are derived.
Wrong: `ContractError`, naming every fault of every file at once.
"""
