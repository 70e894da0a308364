"""A county that does not exist but behaves like one, and its departments as real servers.

In: a seed, a number of people, a date. Out: what five departments hold on that evening, each behind its own
protocol, and the truth beside it. What can go wrong is the point: late, absent and truncated deliveries,
damaged rows, rate limits, hand-made workbooks.
"""

from demo.links import connections
from demo.nights import deliver_late, prepare_night

__all__ = ["connections", "deliver_late", "prepare_night"]
