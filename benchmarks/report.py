"""The table of a run: medians, ratios, first and later fits apart, compilations, floors, memory."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from benchmarks.peers.table import WELLFIT
from benchmarks.scaling import growth, linearity
from benchmarks.workloads import CONVOLUTIONS

PREDICTING = ("NeuralClassifier", "MLPClassifier", "scikit-learn")

FLOORS = {
    "rate_one_core": "operations at one core's rate",
    "rate_all_cores": "operations at all cores' rate",
    "shapes_numpy_one_core": "the step's products, numpy, one core",
    "shapes_numpy_all_cores": "the step's products, numpy, all cores",
    "shapes_jax": "the step's products, one JAX program",
}


def median(values: Sequence[float]) -> float:
    """The middle one; nan of none."""
    return float(np.median(values)) if len(values) else float("nan")


def ratio(others: Sequence[float], ours: Sequence[float]) -> tuple[float, float, float]:
    """How many times as long the others took: the ratio of medians, and the smallest and largest of a single round.

    >>> ratio([2.0, 6.0, 4.0], [1.0, 2.0, 2.0])
    (2.0, 2.0, 3.0)
    """
    rounds = [b / a for a, b in zip(ours, others, strict=False)]
    if not rounds:
        return float("nan"), float("nan"), float("nan")
    return median(others) / median(ours), min(rounds), max(rounds)


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column to the left, the others to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float, unit: str = "") -> str:
    """Three digits, or a dash."""
    if not np.isfinite(value):
        return "-"
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{text} {unit}".strip()


def seconds(value: float) -> str:
    """In µs, ms or s, whichever reads best."""
    if not np.isfinite(value):
        return "-"
    for limit, factor, unit in ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if value < limit:
            return number(value * factor, unit)
    return number(value, "s")


def workload_part(own: dict[str, Any]) -> str:
    """One workload: all peers, and the floors."""
    remark = f" ({own['remark']})" if own.get("remark") else ""
    lines = [
        f"### {own['label']}{remark}",
        f"{own['rows']:,} rows, {own['epochs']} epochs: {own['steps']:,} steps of {number(own['mflop'])} MFLOP a fit.",
    ]
    ours = own["peers"].get(WELLFIT, {}).get("later", [])
    rows, failed = [], []
    for name, peer in own["peers"].items():
        if "error" in peer:
            failed.append(f"{name} failed: {peer['error']}")
            continue
        middle, least, most = ratio(peer["later"], ours)
        later = median(peer["later"])
        rows.append([
            name, seconds(peer["first"]), seconds(later), seconds(later / own["steps"]), f"{number(middle)}",
            f"{number(least)} - {number(most)}", f"{peer['compiled_first']}, {peer['compiled_later']}",
            f"{median(peer['loss']):.4f}",
        ])  # fmt: skip
    heads = ("", "first fit", "later fits", "a step", "times wellfit's", "in single rounds", "compiled", "loss reached")
    lines.append(markdown(heads, rows))
    lines += failed
    if own.get("floor") and ours:
        step = median(ours) / own["steps"]
        kept = [(FLOORS[name], seconds(value), f"{value / step:.0%}") for name, value in own["floor"].items()]
        lines.append(markdown(("floor of a step", "", "share of wellfit's step"), kept))
    return "\n\n".join(lines)


def starts_part(starts: dict[str, list[float]]) -> str:
    """Fresh processes, imports included."""
    base = median(starts.get("iris: scikit-learn MLP", []))
    rows = [(name, seconds(median(own)), number(median(own) / base)) for name, own in starts.items()]
    heads = ("`python -c`, from start to end", "median", "times scikit-learn's fit")
    return "## Fresh processes\n\n" + markdown(heads, rows)


def options_part(options: dict[str, dict[str, list[list[float]]]]) -> str:
    """First and later fits with each option, by each way."""
    rows = []
    for option, ways in options.items():
        first = {way: median([fits[0] for fits in rounds]) for way, rounds in ways.items()}
        later = {way: median([second for fits in rounds for second in fits[1:]]) for way, rounds in ways.items()}
        times = number(later["XLA"] / later["kernel"])
        rows.append((option, *(seconds(own[way]) for own in (first, later) for way in ways), times))
    heads = ("option", "first fit, kernel", "XLA", "later fits, kernel", "XLA", "later: times the kernel's")
    return "## What an option costs: 2,000 x 20, (64, 64), 30 epochs\n\n" + markdown(heads, rows)


def sparse_part(tables: dict[str, dict[str, list[dict[str, list[float]]]]]) -> str:
    """Fits to sparse rows, and how many times as long scikit-learn took."""
    rows = []
    for columns, ways in tables.items():
        kernel, xla = ways["kernel"], ways["XLA"]
        theirs = median([second for own in kernel for second in own["scikit-learn"]])
        first, later = (median([own["wellfit"][when] for own in kernel]) for when in (0, 1))
        others = (seconds(median([own["wellfit"][when] for own in xla])) for when in (0, 1))
        rows.append(
            (f"{int(columns):,}", seconds(first), seconds(later), *others, seconds(theirs), number(theirs / first))
        )
    heads = ("columns", "first fit", "later", "by XLA: first", "later", "scikit-learn", "first fit: times faster")
    return "## MLPClassifier on sparse rows, 100 hidden\n\n" + markdown(heads, rows)


def predictions_part(tables: dict[str, dict[str, list[dict[str, dict[str, list[float]]]]]]) -> str:
    """Seconds of all probabilities, and how many times as long scikit-learn took."""

    def middle(rounds: list[dict[str, dict[str, list[float]]]], container: str, name: str) -> float:
        return median([second for found in rounds for second in found[container][name]])

    rows = []
    for columns, ways in tables.items():
        for container in ways["kernel"][0]:
            own, others, theirs = (middle(ways["kernel"], container, name) for name in PREDICTING)
            xla = middle(ways["XLA"], container, PREDICTING[0])
            rows.append(
                (f"{int(columns):,}", container, seconds(own), seconds(xla), seconds(others), seconds(theirs),
                 number(theirs / own), number(theirs / others))
            )  # fmt: skip
    heads = ("columns", "rows in", "NeuralClassifier", "by XLA", "MLPClassifier", "scikit-learn", "times", "times")
    return "## Probabilities of a million rows, (64, 64)\n\n" + markdown(heads, rows)


def memory_part(peaks: list[dict[str, Any]]) -> str:
    """Peak memory of one fit in a process of its own."""
    rows = []
    for own in peaks:
        if "error" in own:
            rows.append((own["workload"], own["peer"], f"failed: {own['error']}", *[""] * 5))
        else:
            above = (own["peak"] - own[base] for base in ("imports", "ready"))
            cells = (own["data"], own["parameters"], own["imports"], own["peak"], *above)
            rows.append((own["workload"], own["peer"], *[number(value) for value in cells]))
    heads = ("workload", "", "data", "parameters", "after imports", "peak", "above imports", "above a tiny fit")
    return "## Peak memory of a fit, MB\n\n" + markdown(heads, rows)


def crowd_part(own: dict[str, Any]) -> str:
    """A search or a bagged ensemble, whole calls."""
    rows = []
    theirs = [each["first"] for each in own["peers"].get("scikit-learn", []) if "first" in each]
    for name, each in own["peers"].items():
        fine = [one for one in each if "first" in one]
        if not fine:
            rows.append((name, f"failed: {each[0].get('error')}", "", "", ""))
            continue
        first, second = (median([one[when] for one in fine]) for when in ("first", "second"))
        times = number(median(theirs) / first) if theirs else "-"
        score = f"{median([one['score'] for one in fine]):.4f}"
        rows.append((name, seconds(first), seconds(second), times, score))
    known = [one for each in own["peers"].values() for one in each if "rows" in one]
    shape = f"{known[0]['rows']:,} x {known[0]['columns']}" if known else f"{own['rows']:,} rows"
    where = f"the table {own['table']}, {shape}" if own.get("table") else shape
    what = f"{own['size']} candidates x 5 folds" if own["kind"] == "search" else f"{own['size']} bagged members"
    heads = ("", "first call of a process", "second call", "first call: times faster than scikit-learn", "score")
    title = f"## {what}, {where}, hidden 64, early stopping; scikit-learn with n_jobs=2"
    return f"{title}\n\n{markdown(heads, rows)}"


def scaling_part(own: dict[str, Any]) -> str:
    """Seconds along each axis, and the straightness in rows."""
    lines = ["## How time grows"]
    for axis in own["axes"]:
        heads = (f"{axis['axis']} ({axis['epochs']} epochs)", *[f"{value:,}" for value in axis["values"]])
        lines.append(markdown(heads, [(name, *map(seconds, values)) for name, values in axis["peers"].items()]))
        if axis["axis"] == "rows":
            for name, values in axis["peers"].items():
                bend, grown = linearity(axis["values"], values), growth(axis["values"], values)
                lines.append(
                    f"{name}, from 10,000 rows on: at most {bend:.0%} off the straight line through the ends; seconds "
                    f"a row at the most rows {grown:.2f} times those at 10,000."
                )
    again = own["repeated"]
    lines.append(
        f"{again['fits']} fits of 1000 rows in one process: {seconds(again['first_tenth'])} at first, "
        f"{seconds(again['last_tenth'])} at the end, {again['kept_mb']:+.1f} MB kept."
    )
    return "\n\n".join(lines)


def page(results: dict[str, Any]) -> str:
    """The whole table of a run, in Markdown; parts that were not run are left out."""
    own = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in own["versions"].items())
    lines = [
        f"# Benchmarks of {own['date']}",
        f"{own['processor']}, {own['cores']} cores, {own['memory_gb']} GB; {own['system']}; Python {own['python']}; "
        f"{versions}; wellfit with {own['kernels']}; load before the run {own['load_before']}.",
        f"{results['size'].capitalize()} sizes. Medians of {results['rounds']} rounds, peers in turn in one process; "
        "the first fit of each apart. docs/performance.md says what is measured and how.",
    ]
    if own["load_before"] > 0.5:
        lines.append("**The machine was not idle when the run began: judge these figures accordingly.**")
    if own["threads_by_environment"]:
        limits = ", ".join(f"{k}={v}" for k, v in own["threads_by_environment"].items())
        lines.append(f"Threads were limited from outside: {limits}.")
    lines += [f"Not installed: {name} (`{pip}`)." for name, pip in results["missing"].items()]
    if results.get("workloads"):
        lines += ["## Single fits", *map(workload_part, results["workloads"]), CONVOLUTIONS]
    parts = {
        "starts": starts_part, "options": options_part, "sparse": sparse_part, "predictions": predictions_part,
        "memory": memory_part,
        "search": crowd_part, "search_table": crowd_part, "bagging": crowd_part, "scaling": scaling_part,
    }  # fmt: skip
    lines += [writer(results[name]) for name, writer in parts.items() if results.get(name)]
    return "\n\n".join(lines) + "\n"
