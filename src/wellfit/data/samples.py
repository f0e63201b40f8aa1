"""Bundled samples, by name: small real tables that come with scikit-learn."""

from typing import Any, NamedTuple

import numpy as np
from sklearn import datasets

from wellfit.core.names import look_up

SAMPLES = {
    "digits": (datasets.load_digits, "1,797 handwritten digits, 8 x 8 pixels, ten classes"),
    "iris": (datasets.load_iris, "150 iris flowers, four measurements, three species"),
    "wine": (datasets.load_wine, "178 wines, 13 chemical measurements, three cultivars"),
    "breast_cancer": (datasets.load_breast_cancer, "569 tumours, 30 measurements, malignant or benign"),
    "diabetes": (datasets.load_diabetes, "442 patients, ten measurements, progression after one year"),
}


class Sample(NamedTuple):
    """A bundled table: X (n, d), its column names, y (n,) and a sentence about it."""

    X: np.ndarray
    names: list[str]
    y: np.ndarray
    about: str


def load_sample(name: str) -> Sample:
    """The bundled sample of this name: digits, iris, wine, breast_cancer or diabetes.

    >>> sample = load_sample("iris")
    >>> sample.X.shape, str(sample.y[0])
    ((150, 4), 'setosa')
    """
    loader, about = look_up(name, SAMPLES, "sample")
    bunch: Any = loader()
    y = bunch.target
    if hasattr(bunch, "target_names") and name != "digits":
        y = np.asarray(bunch.target_names)[y]
    names = [str(column).replace(" (cm)", "").replace(" ", "_") for column in bunch.feature_names]
    return Sample(bunch.data, names, y, about)
