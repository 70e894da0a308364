"""The departments' servers, each with its own way of being difficult.

In: what `demo.chronicle` says a department holds. Out: an HTTP API, database tables, files on SFTP, caught
mails. What can go wrong is scripted: rate limits, a 503, a slow page, late commits, hand-made workbooks,
odd encodings.
"""
