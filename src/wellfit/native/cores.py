"""How many cores there are to work with."""

from functools import cache


@cache
def cores() -> int:
    """Cores that this process may use: its affinity and its container's share of processor time leave so many."""
    from joblib import cpu_count  # knows of affinity, control groups and LOKY_MAX_CPU_COUNT

    return cpu_count()
