import numpy as np
import pytest

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.cox import cox, design
from locoregional.evidence.survival.partial_likelihood import score_residuals
from locoregional.evidence.survival.proportional import TRANSFORMS, proportional_hazards

RNG = np.random.default_rng(11)
N = 80
X = np.column_stack([RNG.normal(60, 10, N), RNG.integers(0, 2, N)])
LATENT = RNG.exponential(1 / np.exp(0.03 * (X[:, 0] - 60) + 0.7 * X[:, 1]))
EVENT = LATENT < 1.2
TIME = np.minimum(LATENT, 1.2)
TIED = np.ceil(TIME * 8)


def log_likelihood(beta: np.ndarray, time: np.ndarray, *, efron: bool) -> float:
    """Partial likelihood as the textbook writes it."""
    w = np.exp(X @ beta)
    total = 0.0
    for t in np.unique(time[EVENT]):
        dead = EVENT & (time == t)
        for k in range(dead.sum()):
            total -= np.log(w[time >= t].sum() - (k / dead.sum() if efron else 0.0) * w[dead].sum())
        total += (X @ beta)[dead].sum()
    return total


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_fit_is_the_maximum_of_the_textbook_likelihood(ties):
    fit = cox(TIED, EVENT, X, ties=ties)
    efron = ties == "efron"
    assert fit.log_likelihood[0] == pytest.approx(log_likelihood(np.zeros(2), TIED, efron=efron))
    assert fit.log_likelihood[1] == pytest.approx(log_likelihood(fit.coef, TIED, efron=efron))
    information = np.zeros((2, 2))
    steps = np.diag([1e-4, 1e-3])
    for i in range(2):
        slope = (
            log_likelihood(fit.coef + steps[i], TIED, efron=efron) - log_likelihood(fit.coef - steps[i], TIED, efron=efron)
        ) / 2
        assert abs(slope) < 1e-6
        for j in range(2):
            corners = [
                log_likelihood(fit.coef + a * steps[i] + b * steps[j], TIED, efron=efron) * a * b
                for a in (1, -1)
                for b in (1, -1)
            ]
            information[i, j] = -sum(corners) / (4 * steps[i, i] * steps[j, j])
    assert fit.covariance == pytest.approx(np.linalg.inv(information), rel=1e-3)


def test_without_ties_the_treatments_of_ties_agree():
    efron, breslow = (cox(TIME + RNG.normal(0, 1e-6, N) ** 2, EVENT & (TIME < 1.2), X, ties=t) for t in ("efron", "breslow"))
    assert efron.coef == pytest.approx(breslow.coef)
    assert efron.covariance == pytest.approx(breslow.covariance)


def test_units_and_origins_of_variables_do_not_matter():
    fit, other = cox(TIME, EVENT, X), cox(TIME, EVENT, (X - [3e4, 5]) * [1e-3, 7])
    assert other.coef == pytest.approx(fit.coef / [1e-3, 7])
    assert other.p == pytest.approx(fit.p)
    assert other.wald.value == pytest.approx(fit.wald.value)


def test_strata_of_one_baseline_each():
    stratum = np.arange(N) % 2
    late = np.where(stratum == 1, TIME + 100, TIME)  # the order within a stratum is all that counts
    assert cox(late, EVENT, X, strata=stratum).coef == pytest.approx(cox(TIME, EVENT, X, strata=stratum).coef)
    assert cox(TIME, EVENT, X, strata=np.zeros(N)).coef == pytest.approx(cox(TIME, EVENT, X).coef)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_robust_errors_are_those_of_leaving_one_out(ties):
    time = np.ceil(TIME * 60)  # a few ties
    fit = cox(time, EVENT, X, cluster=np.arange(N), ties=ties)
    left_out = np.array([cox(np.delete(time, i), np.delete(EVENT, i), np.delete(X, i, axis=0), ties=ties).coef for i in range(N)])
    assert fit.se == pytest.approx(np.sqrt(((left_out - fit.coef) ** 2).sum(axis=0)), rel=0.12)


def test_residuals_add_up_to_the_slope_of_the_likelihood():
    data = design(TIED, EVENT, X)
    found = data.total(np.array([0.01, 0.2]))
    residuals = score_residuals(data.strata[0], found[3][0])
    assert residuals.sum(axis=0) == pytest.approx(found[1])


def test_lesions_of_one_patient_do_not_count_as_patients():
    twice = np.repeat(np.arange(N), 2)
    alone = cox(TIME, EVENT, X, cluster=np.arange(N), ties="breslow")
    doubled = cox(TIME[twice], EVENT[twice], X[twice], cluster=twice, ties="breslow")
    assert doubled.coef == pytest.approx(alone.coef)
    assert doubled.se == pytest.approx(alone.se)
    assert np.sqrt(np.diag(doubled.covariance)) == pytest.approx(np.sqrt(np.diag(alone.covariance) / 2))


@pytest.mark.parametrize(
    ("x", "event", "words"),
    [
        (np.ones(N), EVENT, "cannot be told apart"),
        (np.column_stack([X[:, 0], 2 * X[:, 0] + 1]), EVENT, "cannot be told apart"),
        (EVENT.astype(float), EVENT, "runs to 0 or infinity"),
        (X, np.zeros(N), "no event"),
        (np.where(np.arange(N) == 4, np.nan, 1.0), EVENT, "missing"),
        (X[:5], EVENT, "variables of shape"),
    ],
)
def test_models_without_an_answer_are_refused(x, event, words):
    with pytest.raises(EvidenceError, match=words):
        cox(TIME, event, x)


def test_unknown_choices_are_refused():
    with pytest.raises(EvidenceError, match="exact"):
        cox(TIME, EVENT, X, ties="exact")
    with pytest.raises(EvidenceError, match="sqrt"):
        proportional_hazards(TIME, EVENT, X, transform="sqrt")


def test_a_hazard_ratio_that_changes_is_found_and_a_constant_one_is_not():
    rng = np.random.default_rng(2)
    x = np.repeat([0.0, 1.0], 400)
    constant = rng.exponential(np.where(x == 1, 1.0, 2.0))
    crossing = np.where(x == 1, rng.weibull(3.0, 800), rng.weibull(0.7, 800))
    for transform in TRANSFORMS:
        assert proportional_hazards(constant, np.ones(800), x, transform=transform).together.p > 0.01
        found = proportional_hazards(crossing, np.ones(800), x, transform=transform)
        assert found.together.p < 1e-10
        assert found.each[0].value == pytest.approx(found.together.value)
