"""Counter-based noise: a hash of (seed, position), the same on every device and in every program.

``jax.random``'s threefry costs compile and run time on CPU, and its ``rbg`` gives other numbers under ``vmap``;
an integer hash costs a few vector operations, fuses into its consumer, and is a pure function of its counter.
The mixing step is the finaliser of MurmurHash3 with the constants of Ettinger's ``lowbias32`` (2018).
"""

import jax
import numpy as np

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace

GOLDEN = np.uint32(0x9E3779B9)  # 2^32 / golden ratio: consecutive counters land far apart


def mix(x: Array) -> Array:
    """A bijection of uint32 in which every input bit flips every output bit with probability near one half."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def fold(seed: Array, number: Array | int) -> Array:
    """A new seed (uint32) from a seed and a number: another stream for every number."""
    xp = namespace(seed, number)
    with np.errstate(over="ignore"):  # numpy warns when an unsigned scalar wraps, which is the point here
        return mix(xp.asarray(seed, np.uint32) ^ mix(xp.asarray(number, np.uint32) * GOLDEN + np.uint32(1)))


def keep_mask(seed: Array, shape: tuple[int, ...], rate: Array) -> Array:
    """Boolean mask of ``shape``: True with probability 1 - ``rate``, from a hash of (seed, position)."""
    xp = namespace(seed, rate)
    position = xp.arange(int(np.prod(shape)), dtype=np.uint32).reshape(shape)
    bits = mix(position * GOLDEN ^ xp.asarray(seed, np.uint32))
    # 24 bits are exact in float32: both sides of the comparison are the same numbers on every device.
    uniform = (bits >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)
    return uniform >= xp.asarray(rate, np.float32)


def normal(seed: Array, shape: tuple[int, ...]) -> Array:
    """Standard normal deviates (float32) of ``shape``, from two hashes of (seed, position) (Box and Muller 1958).

    24 bits decide the radius, so none lies farther than √(48 log 2) = 5.8 from 0.
    """
    xp = namespace(seed)
    counter = xp.arange(int(np.prod(shape)), dtype=np.uint32).reshape(shape) * GOLDEN
    # u in (0, 1], whose logarithm is finite; the angle's stream is another one
    u, angle = (mix(counter ^ fold(seed, stream)) >> np.uint32(8) for stream in (0, 1))
    u = (u.astype(np.float32) + np.float32(1)) * np.float32(2.0**-24)
    angle = angle.astype(np.float32) * np.float32(2 * np.pi * 2.0**-24)
    return xp.sqrt(-2 * xp.log(u)) * xp.cos(angle)


def shuffled(position: Array, n: Array, seed: Array, rounds: int = 24) -> Array:
    """The row at ``position`` of a random permutation of exactly 0 .. n-1 (swap-or-not shuffle).

    Hoang, Morris and Rogaway, "An enciphering scheme based on a card shuffle" (2012): in each round a position and
    its mirror image about a random point are swapped or not by a hash of the larger of the two. It is a
    bijection for ANY n, needs no sort, and costs ten vector operations a round; after 24 rounds a
    position can come from anywhere for n far beyond 10^6. Positions at n and above give rubbish below n.
    """
    xp = namespace(position, n, seed)
    n = xp.asarray(n, np.uint32)
    i = xp.minimum(xp.asarray(position, np.uint32), n - np.uint32(1))

    def turn(r: Array, i: Array) -> Array:
        pivot = fold(seed, r) % n
        mirror = xp.where(pivot >= i, pivot - i, pivot + n - i)
        larger = xp.maximum(i, mirror)
        swap = (mix(larger * GOLDEN ^ fold(seed, r + np.uint32(1_000))) & np.uint32(1)) == 1
        return xp.where(swap, mirror, i)

    if xp is np:
        for r in range(rounds):
            i = turn(np.uint32(r), i)
    else:  # a loop compiles in a fraction of the time that its rounds one after another take
        i = jax.lax.fori_loop(np.uint32(0), np.uint32(rounds), turn, i)
    return i.astype(np.int32)
