"""Image-guided interventional oncology of metastatic breast cancer: select, plan, simulate, verify, follow.

Research software: not a medical device, not for clinical decisions.
"""

from locoregional.version import __version__

__all__ = ["__version__"]
