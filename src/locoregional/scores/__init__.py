"""Clinical scores: pure functions on exact tables, three-valued, each item with its source and status.

Every function takes plain values and accepts None for what is not known. A missing item never makes a score wrong: the
result is then a range of points, and a band only where the whole range lies in it. Tables stand in ``tables/*.toml``,
single numbers in ``facts.toml``; ``locoregional score --list`` shows them all.
"""

from __future__ import annotations
