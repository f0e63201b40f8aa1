"""scikit-learn's own checks of estimators: default parameters, no failures, no expected failures."""

import warnings

import pytest
from sklearn.utils.estimator_checks import check_estimator

from wellfit import MLPClassifier, MLPRegressor, NeuralClassifier, NeuralRegressor

SKIPS = {
    "check_array_api_input",  # needs SCIPY_ARRAY_API in the environment
    "check_classifiers_multilabel_output_format_decision_function",  # there is no decision_function
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "fewest"),
    [(NeuralClassifier(), 56), (NeuralRegressor(), 56), (MLPClassifier(), 51), (MLPRegressor(), 51)],
    ids=lambda given: type(given).__name__,
)
def test_check_estimator(estimator, fewest):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's checks warn about what they try
        results = check_estimator(estimator, on_fail=None, on_skip=None)
    failed = {r["check_name"]: repr(r["exception"]) for r in results if r["status"] not in ("passed", "skipped")}
    assert not failed
    assert {r["check_name"] for r in results if r["status"] == "skipped"} <= SKIPS
    assert len(results) >= fewest
