"""Meta-analysis: effects, variance between studies, pooled means with both prediction intervals, and whether to believe them.

Everything is a pure function of arrays. ``pool_proportions``, ``pool_log_medians`` and ``pool_changes`` give numbers on the
scale people read and apply the gate; the rest are the parts they are made of.
"""

from __future__ import annotations

from locoregional.evidence.pooling.effects import TRANSFORMS, proportion_effects, proportions_back
from locoregional.evidence.pooling.glmm import GlmmMean, binomial_normal, poisson_normal, tau2_profile
from locoregional.evidence.pooling.heterogeneity import Spread, q_profile, tau2_error
from locoregional.evidence.pooling.leave_one_out import leave_one_out
from locoregional.evidence.pooling.medians import log_median_effects, pool_log_medians
from locoregional.evidence.pooling.pain import (
    Change,
    change_of_scores,
    pool_changes,
    pool_changes_by_correlation,
    sd_of_change,
    sd_of_interval,
    sd_of_p,
    sd_of_quartiles,
    sd_of_se,
)
from locoregional.evidence.pooling.poolable import labels, refuse_ranking, too_different
from locoregional.evidence.pooling.pooled import METHODS, Pooled, StudyEffect
from locoregional.evidence.pooling.prediction import CONVENTIONS, prediction_interval
from locoregional.evidence.pooling.proportions import pool_proportions
from locoregional.evidence.pooling.random_effects import TESTS, Mean, random_effects
from locoregional.evidence.pooling.regression import Coefficient, Regression, meta_regression
from locoregional.evidence.pooling.single_study import clopper_pearson, wilson
from locoregional.evidence.pooling.small_study import SmallStudyTest, begg, egger, egger_mixed
from locoregional.evidence.pooling.tau2 import TAU2_METHODS
from locoregional.evidence.pooling.trim_and_fill import Filled, trim_and_fill
from locoregional.evidence.pooling.two_group import (
    TABLE_MEASURES,
    log_ratio_of_interval,
    mean_difference,
    rate_effects,
    rate_ratio,
    standardised_difference,
    table_effects,
)

__all__ = [
    "CONVENTIONS",
    "METHODS",
    "TABLE_MEASURES",
    "TAU2_METHODS",
    "TESTS",
    "TRANSFORMS",
    "Change",
    "Coefficient",
    "Filled",
    "GlmmMean",
    "Mean",
    "Pooled",
    "Regression",
    "SmallStudyTest",
    "Spread",
    "StudyEffect",
    "begg",
    "binomial_normal",
    "change_of_scores",
    "clopper_pearson",
    "egger",
    "egger_mixed",
    "labels",
    "leave_one_out",
    "log_median_effects",
    "log_ratio_of_interval",
    "mean_difference",
    "meta_regression",
    "poisson_normal",
    "pool_changes",
    "pool_changes_by_correlation",
    "pool_log_medians",
    "pool_proportions",
    "prediction_interval",
    "proportion_effects",
    "proportions_back",
    "q_profile",
    "random_effects",
    "rate_effects",
    "rate_ratio",
    "refuse_ranking",
    "sd_of_change",
    "sd_of_interval",
    "sd_of_p",
    "sd_of_quartiles",
    "sd_of_se",
    "standardised_difference",
    "table_effects",
    "tau2_error",
    "tau2_profile",
    "too_different",
    "trim_and_fill",
    "wilson",
]
