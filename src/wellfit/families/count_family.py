"""What the likelihoods of counts have in common."""

from wellfit.core.types import Array
from wellfit.families.number_family import NumberFamily
from wellfit.functions.losses.counts import poisson_floor
from wellfit.functions.numerics import namespace


class CountFamily(NumberFamily):
    """Poisson's likelihood or a mixture of Poissons, extra zeros among them."""

    target = "counts"
    domain = "non-negative integers"

    def floor(self, y: Array) -> Array:
        """Poisson's loss (n,) with mean y: no mixture of Poissons is more likely."""
        return namespace(y).sum(poisson_floor(y), axis=-1)
