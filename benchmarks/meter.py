"""Seconds, compilations, memory, and the machine that they are of."""

import datetime
import gc
import importlib.metadata
import importlib.util
import os
import platform
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = ("wellfit", "jax", "jaxlib", "optax", "numpy", "scikit-learn", "torch", "keras", "skorch")
COMPILED = "/jax/core/compile/backend_compile_duration"
REST = 0.3
"""Seconds before each timed fit: threads of OpenMP and BLAS go on spinning after their last work, on others' cores."""

_compilations = 0


def count_compilations() -> None:
    """From now on count every program that XLA compiles in this process, whoever asked for it."""
    import jax.monitoring

    def heard(event: str, seconds: float, **facts: Any) -> None:
        global _compilations
        _compilations += event == COMPILED

    jax.monitoring.register_event_duration_secs_listener(heard)


def compilations() -> int:
    """How many programs XLA has compiled since counting began."""
    return _compilations


def timed(function: Callable[[], Any], rest: float = REST) -> float:
    """The seconds of a call, after a rest and with no garbage left to collect."""
    gc.collect()
    time.sleep(rest)
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def memory() -> tuple[int, int]:
    """Bytes of memory that this process holds now, and the most it ever held.

    On Linux by /proc: ``ru_maxrss`` of a child starts with its parent's there. Elsewhere both are the most ever held.
    """
    try:
        text = Path("/proc/self/status").read_text()
        return tuple(int(re.search(rf"{name}:\s+(\d+)", text)[1]) * 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore
    except (OSError, TypeError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return most, most


def processor() -> str:
    """The processor's model, as the system calls it."""
    try:
        return re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())[1].strip()  # type: ignore
    except (OSError, TypeError):
        return platform.processor() or platform.machine()


def machine() -> dict[str, Any]:
    """What the figures belong to."""
    from wellfit.native.cores import cores
    from wellfit.native.library import about

    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if name == "wellfit":  # run from its source, not installed
                import wellfit

                versions[name] = wellfit.__version__
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "processor": processor(),
        "cores": cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": versions,
        "kernels": about(),
        "load_before": round(os.getloadavg()[0], 2),
        "threads_by_environment": {k: v for k, v in os.environ.items() if re.fullmatch(r"\w+_NUM_THREADS", k)},
    }
