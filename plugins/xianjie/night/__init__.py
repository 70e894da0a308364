"""Night (一夜): what one task of a DAG does, and how a night is started and followed.

In: a business date. Out: the stages' own results, called in the order of the road. Wrong: a run without a
business date (`BusinessDateError`), a scheduler that cannot be reached (`SchedulerError`). The DAG files, the
command line and the demo call this package; no stage does.
"""
