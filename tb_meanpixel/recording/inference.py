"""A model in inference mode, compiled as `fit` compiles it, and traced once for many fits."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable
from typing import Any

import keras
from keras import tree

Infer = Callable[[Any], Any]

#: The variable of Keras that says what its random operations draw next.
SEED_STATE = "seed_generator_state"

# The compiled function of each model, with what it was compiled from and for.
_compiled: weakref.WeakKeyDictionary[Any, tuple[list[Any], Any, Infer]] = (
    weakref.WeakKeyDictionary()
)


def infer(model: Any, inputs: Any) -> Any:
    """The model's outputs for tensors of the backend, with `training=False`.

    A model that does not compile runs eagerly, and what that raises is raised.
    """
    if not _compiles(model):
        return model(inputs, training=False)
    try:
        return _function(model, inputs)(inputs)
    except NotImplementedError:  # there is no call()
        raise
    except Exception:  # noqa: BLE001  eagerly it works, or has an error that can be read
        outputs = model(inputs, training=False)
        _compiled[model] = (_parts(model), _signature(inputs), _eagerly(model))
        return outputs


def _compiles(model: Any) -> bool:
    backend = keras.backend.backend()
    if getattr(model, "run_eagerly", False) or not getattr(model, "built", True):
        return False
    return backend == "tensorflow" or (backend == "jax" and bool(model.jit_compile))


def _function(model: Any, inputs: Any) -> Infer:
    """The function of the last `fit`, as long as the model is the same."""
    parts, signature = _parts(model), _signature(inputs)
    known = _compiled.get(model)
    if known is not None and signature == known[1] and _are_same(parts, known[0]):
        return known[2]
    is_jax = keras.backend.backend() == "jax"
    function = _of_jax(model) if is_jax else _of_tensorflow(model, inputs)
    _compiled[model] = (parts, signature, function)
    return function


def _parts(model: Any) -> list[Any]:
    """What another `compile`, or other layers, would replace; held weakly."""
    parts = [*model._flatten_layers(), *model.variables, getattr(model, "optimizer", None)]
    return [weakref.ref(part) for part in parts if part is not None]


def _are_same(parts: list[Any], others: list[Any]) -> bool:
    return len(parts) == len(others) and all(
        part() is other() for part, other in zip(parts, others, strict=True)
    )


def _signature(inputs: Any) -> Any:
    leaves = [(tuple(leaf.shape), str(leaf.dtype)) for leaf in tree.flatten(inputs)]
    return str(tree.map_structure(lambda _: None, inputs)), leaves


def _of_tensorflow(model: Any, inputs: Any) -> Infer:
    import tensorflow as tf

    weak = weakref.ref(model)  # the functions must not keep their models alive

    def call(given: Any) -> Any:
        return weak()(given, training=False)  # type: ignore[misc]

    # Not called as a tf.function: that counts the traces of all models together, and warns.
    specs = tree.map_structure(lambda leaf: tf.TensorSpec(leaf.shape, leaf.dtype), inputs)
    function: Infer = tf.function(call).get_concrete_function(specs)
    return function


def _of_jax(model: Any) -> Infer:
    import jax

    weak = weakref.ref(model)
    # `stateless_call` hands on what a model's `call` does not take, unlike the model itself.
    takes_mode = "training" in inspect.signature(model.call).parameters
    mode = {"training": False} if takes_mode else {}

    @jax.jit
    def call(trainable: Any, others: Any, given: Any) -> Any:
        return weak().stateless_call(trainable, others, given, **mode)  # type: ignore[union-attr]

    def function(given: Any) -> Any:
        owner: Any = weak()
        others = owner.non_trainable_variables
        outputs, after = call(
            [variable.value for variable in owner.trainable_variables],
            [variable.value for variable in others],
            given,
        )
        # Or the noise of each batch would be the same.
        for variable, value in zip(others, after, strict=True):
            if variable.name == SEED_STATE:
                variable.assign(value)
        return outputs

    return function


def _eagerly(model: Any) -> Infer:
    weak = weakref.ref(model)
    return lambda given: weak()(given, training=False)  # type: ignore[misc]
