"""Connectors, one a protocol: ``fetch(Request) -> Fetched``, or a typed error that says what helps."""
