"""Peak memory of a fit and of scoring, above what the imports take: ``python -m benchmarks.memory [ROWS COLUMNS]``.

Each line is a process of its own, for the peak of a process never falls. The table is float32, made in place.
"""

import json
import resource
import subprocess
import sys
import time

SIZES = ((200_000, 50), (1_000_000, 100))


def peak() -> float:
    """MB that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024) / 1.048576


def measure(rows: int, columns: int) -> dict[str, float]:
    """Peaks in MB and seconds of a fit of two epochs and of scoring the same rows."""
    import numpy as np

    from wellfit import NeuralRegressor

    rng = np.random.default_rng(0)
    warm = rng.standard_normal((400, columns), np.float32)
    settings = {
        "hidden": (16,), "max_epochs": 2, "batch_size": 1024, "learning_rate": 0.02, "n_members": 1, "random_state": 0,
    }  # fmt: skip
    NeuralRegressor(**settings).fit(warm, warm[:, 0]).predict(warm)  # imports, the backend, threads
    imports = peak()
    X = np.empty((rows, columns), np.float32)
    for first in range(0, rows, 10_000):
        X[first : first + 10_000] = rng.standard_normal((min(10_000, rows - first), columns), np.float32)
    y = X[:, 0] + X[:, 1] ** 2
    model = NeuralRegressor(**settings)
    began = time.perf_counter()
    model.fit(X, y)
    fitted, seconds = peak(), time.perf_counter() - began
    began = time.perf_counter()
    score = model.score(X, y)
    return {
        "data": (X.nbytes + y.nbytes) / 1e6,
        "imports": imports,
        "fit": fitted,
        "fit and score": peak(),
        "seconds to fit": seconds,
        "seconds to score": time.perf_counter() - began,
        "R2": score,
    }


def measured(rows: int, columns: int) -> dict[str, float]:
    """``measure`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.memory", "--one", str(rows), str(columns)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """A line for every size."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]), int(sys.argv[3]))))
        return
    sizes = [(int(sys.argv[1]), int(sys.argv[2]))] if len(sys.argv) == 3 else SIZES
    for rows, columns in sizes:
        found = measured(rows, columns)
        above = found["fit and score"] - found["imports"]
        print(
            f"{rows:>9,} x {columns}: data {found['data']:,.0f} MB; peak {found['fit and score']:,.0f} MB, of which "
            f"{above:,.0f} MB above imports ({above / found['data']:.2f} times the data, itself included); fit "
            f"{found['seconds to fit']:.1f} s, score {found['seconds to score']:.1f} s, R2 {found['R2']:.3f}"
        )


if __name__ == "__main__":
    main()
