"""``python -m locoregional``."""

from locoregional.cli import main

main()
