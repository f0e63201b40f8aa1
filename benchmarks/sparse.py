"""Fits to sparse rows: wellfit's MLPClassifier beside scikit-learn's, in turn, and the same without the kernel.

    python -m benchmarks.sparse COLUMNS

prints one line of JSON for a fresh process: seconds of the first fit and of a later one of wellfit, and of
scikit-learn's fits after each, and the scores.
"""

import numpy as np
import scipy.sparse

from benchmarks.meter import timed
from benchmarks.processes import answer

TABLES = {
    1000: (10_000, 20, 200, 10),
    5000: (2000, 50, 200, 10),
    20_000: (4000, 100, 32, 2),
    50_000: (4000, 100, 200, 2),
}
"""columns: (rows, numbers of a row that are not 0, batch, epochs); 100 hidden units"""


def fits(columns: int) -> dict[str, list[float]]:
    """Seconds of a first and of a later fit of each, in turn, and what they score on their rows."""
    from sklearn.neural_network import MLPClassifier as Theirs

    from wellfit import MLPClassifier

    n, filled, batch, epochs = TABLES[columns]
    rng = np.random.default_rng(0)
    X = scipy.sparse.random_array((n, columns), density=filled / columns, format="csr", rng=rng, dtype=np.float32)
    y = (X @ rng.normal(size=columns) > 0).astype(int)
    found: dict[str, list[float]] = {"wellfit": [], "scikit-learn": [], "scores": []}
    for seed in range(2):
        for name, made in (("wellfit", MLPClassifier), ("scikit-learn", Theirs)):
            model = made((100,), batch_size=batch, max_iter=epochs, random_state=seed)
            found[name].append(timed(lambda model=model: model.fit(X, y)))
            found["scores"].append(float(model.score(X, y)))
    return found


if __name__ == "__main__":
    answer(__doc__, "columns", TABLES, fits)
