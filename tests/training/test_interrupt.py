from wellfit.training.interrupt import FitInterrupted, Interrupt


def fits() -> bool:
    """Whether a fit begun now is finished."""
    try:
        with Interrupt():
            return True
    except FitInterrupted:
        return False


def test_a_search_that_ends_before_a_later_one_leaves_nothing_behind():
    """As of two threads: the second search begins within the first and ends after it."""
    first, second = Interrupt(over=True), Interrupt(over=True)
    first.__enter__()
    second.__enter__()
    assert fits()
    assert (first.finished, second.finished) == (0, 1)
    first._asked = True
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert fits()
