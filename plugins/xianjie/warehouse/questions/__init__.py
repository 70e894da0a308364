"""What checks, rules and indicators share when they ask the warehouse.

In: definitions below ``include/`` (closed models, effective-dated parameters, the framework) and the households
a night touched. Out: bound statements over the temporary view ``scope``, and who is missing tonight.
Wrong: `DefinitionError`, listing the faults of all files at once.
"""
