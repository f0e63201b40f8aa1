"""The bundled samples."""

import numpy as np
import pytest

from wellfit.data.samples import SAMPLES, load_sample


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_what_its_sentence_says(name):
    sample = load_sample(name)
    assert sample.X.shape == (len(sample.y), len(sample.names))
    assert len(set(sample.names)) == len(sample.names)
    assert np.isfinite(sample.X).all()
    assert sample.about.startswith(f"{len(sample.y):,} ")


def test_labels_are_words_where_there_are_words():
    assert set(load_sample("iris").y) == {"setosa", "versicolor", "virginica"}
    assert load_sample("diabetes").y.dtype.kind == "f"


def test_an_unknown_sample_offers_the_nearest_name():
    with pytest.raises(ValueError, match="did you mean 'iris'"):
        load_sample("irsi")
