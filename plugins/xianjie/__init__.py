"""Xianjie (衔接): links, every night, what a county's departments know about the same households.

One folder a stage, in the order data takes: contract, intake, landing, validation, identity, warehouse,
monitoring, accountability, reports, returns, board. A stage imports only from stages to its left and from
the shared ground: settings, errors, dates, privacy, database.
"""
