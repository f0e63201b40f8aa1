"""``partial_fit``: one pass over the rows at hand, from where the last one ended."""

from typing import Any

import jax
import numpy as np
from sklearn.utils.validation import check_random_state

from wellfit.data.continuous import continuous
from wellfit.data.tables import TableCodec
from wellfit.estimators.describe import is_linear
from wellfit.estimators.door import checked
from wellfit.estimators.recipe import chosen, recipe
from wellfit.estimators.regularisers import remembered
from wellfit.estimators.settings import check_settings
from wellfit.training.loop import train
from wellfit.training.members import HISTORY, resumed
from wellfit.training.memory import check_memory
from wellfit.training.rows import arrays, shape_of


def one_pass(model: Any, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Any:
    """The model after one more pass over these rows: the optimizer's state is kept between calls."""
    check_settings(model.get_params(deep=False), type(model).__name__)
    if model.bootstrap or model.vary or model.select or model.snapshots > 1:
        raise ValueError("partial_fit knows no bootstrap, snapshots, vary and select: leave them out, or call fit.")
    going, read = hasattr(model, "_passes"), None
    X, y, w, _, _ = checked(model, X, y, sample_weight, reset=not going, least=1)
    if not going:
        model._seed = int(check_random_state(model.random_state).randint(2**31 - 1))
        model._target, model.family_, why = model._choose(y, w, classes)
        model._dtype = np.dtype(np.float32)
        model._table, read = TableCodec.learn(X, w, "standard" if is_linear(model) else "robust")
        model.reasons_ = [why, *model._table.reasons]
    encoded = model._target.encode(y)
    auto = recipe(len(w), model._table.width, model.family_.outputs)
    x = model._table.transform(X, model._dtype, own=not going, read=read, lazily=True)
    if not going:
        model._continuous = continuous(x["numeric"])
        model.network_ = model._describe_network(auto)
        model._batch = chosen(model.batch_size, 32)
    plan = model._plan(auto, n_train=len(w), passes=True)
    w_train = w * model._cost(encoded, w, learn=not going)
    split = (np.arange(len(w), dtype=np.int32), np.zeros(0, np.int32))
    model._regularisers = remembered(plan, w_train.sum())
    data, rows = arrays(x, encoded, w_train, split, model._dtype)
    members = int(chosen(model.n_members, 1))
    check_memory(plan, data, shape_of(x), members, validate=False, dtype=model._dtype)
    states = [
        model._start(plan, m, model._seed, x, encoded, w_train, split[0], False, HISTORY, None) for m in range(members)
    ]
    if going:
        states = [resumed(state, before) for state, before in zip(states, model._passes, strict=True)]
    trained = train(plan, data, rows, states)
    earlier = list(model.history_["loss"]) if going else []
    model._keep([trained])
    model.history_["loss"] = earlier + model.history_["loss"]
    model.n_iter_ = len(model.history_["loss"])
    model._passes = [jax.tree.map(lambda leaf, m=m: leaf[m], trained.state) for m in range(members)]
    model._measure(x, encoded, w_train, split)
    return model
