"""Commands (命令): the bodies of ``xianjie``, one module a group.

In: options. Out: a table for people or, with ``--json``, one JSON document on standard output. Wrong: exit
code 1 with the error's code, Chinese sentence and next command on standard error; 2 for a wrong option.
"""
