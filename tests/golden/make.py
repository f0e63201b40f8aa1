"""Write the golden model files of the present format: run once per format, and never again for an old one.

python -m tests.golden.make
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_iris

from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.files.store import FORMAT

HERE = Path(__file__).parent
SMALL = {"hidden": (4,), "max_epochs": 10, "n_members": 2, "random_state": 0}


def main() -> None:
    X, y = load_iris(return_X_y=True)
    labels = np.array(["setosa", "versicolor", "virginica"])[y]
    model = NeuralClassifier(**SMALL).fit(X, labels)
    model.save(HERE / f"classifier_{FORMAT}.wellfit")
    np.save(HERE / f"classifier_{FORMAT}.npy", model.predict_proba(X[::10]))
    model = NeuralRegressor(**SMALL).fit(X[:, :3], X[:, 3])
    model.save(HERE / f"regressor_{FORMAT}.wellfit")
    np.save(HERE / f"regressor_{FORMAT}.npy", model.predict_interval(X[::10, :3], 0.9))


if __name__ == "__main__":
    main()
