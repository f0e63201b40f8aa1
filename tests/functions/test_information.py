"""Information in nats and bits: theory.md's values, scipy's, and mpmath's where probabilities are tiny."""

import jax
import numpy as np
import pytest
import scipy.special
import scipy.stats

from wellfit.functions.information import (
    binary_entropy,
    cross_entropy,
    entropy,
    kl_divergence,
    self_information,
)
from wellfit.functions.losses import classification

P = np.array([0.7, 0.3])
RNG = np.random.default_rng(0)
A, B = RNG.dirichlet(np.full(5, 0.4), 30), RNG.dirichlet(np.ones(5), 30)


@pytest.mark.parametrize(
    ("q", "nats", "bits"),
    [
        ((0.5, 0.5), 0.693147, 1.000000),  # N-32
        ((0.7, 0.3), 0.610864, 0.881291),  # N-33
        ((0.9, 0.1), 0.764528, 1.102981),  # N-34, E-04
        ((0.1, 0.9), 1.643, 2.371),  # E-05: this one is sure of the wrong class
    ],
)
def test_cross_entropy_in_nats_and_bits(q, nats, bits):  # C-109, C-133, E-29
    digits = 5e-7 if nats < 1 else 5e-4
    assert cross_entropy(P, np.array(q)) == pytest.approx(nats, abs=digits)
    assert cross_entropy(P, np.array(q), "bits") == pytest.approx(bits, abs=digits)
    assert classification.cross_entropy(np.log([q]), P[None])[0] == pytest.approx(nats, abs=digits)


def test_cross_entropy_falls_as_mass_moves_to_where_p_is():  # E-28
    found = [float(cross_entropy(P, np.array([q, 1 - q]))) for q in (0.1, 0.3, 0.5, 0.7)]
    np.testing.assert_allclose(found, [1.643, 0.950, 0.693, 0.611], atol=5e-4)


def test_a_nat_is_1_4427_bits():  # C-133
    for f in (
        lambda unit: entropy(P, unit),
        lambda unit: kl_divergence(A, B, unit),
        lambda unit: self_information(P, unit),
    ):
        np.testing.assert_allclose(np.divide(f("bits"), f("nats")), 1.442695, rtol=1e-6)
    with pytest.raises(ValueError, match="unit 'bit' is unknown; did you mean 'bits'"):
        entropy(P, "bit")


def test_they_are_scipys():  # C-110 to C-112
    np.testing.assert_allclose(entropy(A), scipy.stats.entropy(A, axis=-1), rtol=1e-12)
    np.testing.assert_allclose(kl_divergence(A, B), scipy.stats.entropy(A, B, axis=-1), rtol=1e-10)
    np.testing.assert_allclose(kl_divergence(A, B), scipy.special.kl_div(A, B).sum(-1), rtol=1e-10)
    np.testing.assert_allclose(binary_entropy(A), entropy(np.stack([A, 1 - A], axis=-1)), rtol=1e-12)
    np.testing.assert_allclose(self_information(A), -np.log(A))


def test_cross_entropy_is_entropy_plus_divergence():  # C-147, E-10
    np.testing.assert_allclose(cross_entropy(A, B), entropy(A) + kl_divergence(A, B), rtol=1e-12)
    assert kl_divergence(P, np.array([0.9, 0.1])) == pytest.approx(0.1537, abs=5e-5)
    assert (float(entropy(P)), float(cross_entropy(P, np.array([0.9, 0.1])))) == pytest.approx(
        (0.6109, 0.7645), abs=5e-5
    )
    one_hot = np.eye(5)[[2]]
    np.testing.assert_allclose(kl_divergence(one_hot, B[:1]), cross_entropy(one_hot, B[:1]))  # E-95


def test_zeros_and_certainties():  # E-96
    sure, never = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert entropy(sure) == kl_divergence(sure, sure) == cross_entropy(sure, sure) == 0
    assert binary_entropy(sure).tolist() == [0, 0]
    assert kl_divergence(sure, never) == cross_entropy(sure, never) == np.inf
    assert self_information(sure).tolist() == [0, np.inf]
    assert kl_divergence(sure, P) == pytest.approx(-np.log(0.7))


def test_tiny_probabilities_and_distributions_that_hardly_differ():
    mp = pytest.importorskip("mpmath")
    p, q = np.array([1e-300, 0.25, 0.75]), np.array([0.5, 1e-300, 0.5])
    with mp.workdps(700):
        exact = lambda p, q: float(sum(mp.mpf(a) * mp.log(mp.mpf(a) / mp.mpf(b)) for a, b in zip(p, q, strict=True)))  # noqa: E731
        assert float(kl_divergence(p, q)) == pytest.approx(exact(p, q), rel=1e-14)
        assert float(entropy(p)) == pytest.approx(-float(sum(mp.mpf(a) * mp.log(mp.mpf(a)) for a in p)), rel=1e-14)
        assert float(self_information(p)[0]) == pytest.approx(float(-mp.log(mp.mpf(1e-300))), rel=1e-15)
        near = np.array([0.5 + 2.0**-30, 0.5 - 2.0**-30])  # they add to 1 exactly
        half = np.array([0.5, 0.5])
        assert float(kl_divergence(near, half)) == pytest.approx(exact(near, half), rel=1e-9, abs=0)  # 2e-18


def test_in_a_program_with_gradients():
    names = {"entropy": entropy, "self": self_information, "binary": binary_entropy}
    with jax.enable_x64(True):
        slope = lambda f: jax.grad(lambda p, q: f(p, q).sum(), argnums=(0, 1))  # noqa: E731
        program = jax.jit(
            lambda p, q: {
                "cross": cross_entropy(p, q), "kl": kl_divergence(p, q), "bits": kl_divergence(p, q, "bits"),
                "slopes": (slope(cross_entropy)(p, q), slope(kl_divergence)(p, q)),
                **{name: f(p) for name, f in names.items()},
            }
        )  # fmt: skip
        found = jax.tree.map(np.asarray, program(A, B))
        edge = jax.tree.map(np.asarray, program(np.array([[1.0, 0.0]]), np.array([[0.4, 0.6]])))
    np.testing.assert_allclose(found["cross"], cross_entropy(A, B))
    np.testing.assert_allclose(found["kl"], kl_divergence(A, B), rtol=1e-10)
    np.testing.assert_allclose(found["bits"], kl_divergence(A, B, "bits"), rtol=1e-10)
    for name, f in names.items():
        np.testing.assert_allclose(found[name], f(A))
    (_, by_q), (kl_by_p, kl_by_q) = found["slopes"]
    np.testing.assert_allclose(by_q, -A / B, rtol=1e-9)
    np.testing.assert_allclose(kl_by_q, 1 - A / B, rtol=1e-7, atol=1e-12)  # the 1 is gone where q sums to one
    np.testing.assert_allclose(kl_by_p, np.log(A / B), rtol=1e-7, atol=1e-12)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(edge["slopes"]))
    assert kl_divergence(A.astype(np.float32), B.astype(np.float32)).dtype == np.float32
