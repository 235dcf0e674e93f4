"""An autoencoder in a plain JAX loop.

    python demo/loops/jax_loop.py --log-dir logs/jax --epochs 20

then `tensorboard --logdir logs`, tab "Mean Pixel". Needs jax and scikit-learn.
"""

import argparse

import jax
import jax.numpy as jnp
from sklearn.datasets import load_digits

from tb_meanpixel import MeanPixelWriter

parser = argparse.ArgumentParser()
parser.add_argument("--log-dir", default="logs/jax")
parser.add_argument("--epochs", type=int, default=20)
args = parser.parse_args()
key, *keys = jax.random.split(jax.random.key(0), 6)

# Handwritten digits in [0, 1]: (1797, 8, 8).
images = jax.random.permutation(keys.pop(), jnp.asarray(load_digits().images)) / 16
x_val, x_train = images[:256], images[256:]

sizes = [64, 128, 16, 128, 64]  # pixels, hidden, code, hidden, pixels
initialize = jax.nn.initializers.he_normal()
params = [(initialize(keys.pop(), sizes[i : i + 2]), jnp.zeros(sizes[i + 1])) for i in range(4)]


def model(params, x):
    *hidden, (last_weights, last_bias) = params
    y = x.reshape(len(x), 64)
    for weights, bias in hidden:
        y = jax.nn.relu(y @ weights + bias)
    return jax.nn.sigmoid(y @ last_weights + last_bias).reshape(x.shape)


@jax.jit
def train_step(params, x):
    loss, gradients = jax.value_and_grad(lambda p: jnp.mean((model(p, x) - x) ** 2))(params)
    return jax.tree.map(lambda p, g: p - 2.0 * g, params, gradients), loss


with MeanPixelWriter(args.log_dir) as writer:
    for epoch in range(args.epochs):
        losses = []
        key, shuffle = jax.random.split(key)
        # Whole batches: another shape would be compiled again.
        for x in jax.random.permutation(shuffle, x_train)[:1536].reshape(-1, 64, 8, 8):
            params, loss = train_step(params, x)
            losses.append(loss)
        loss = float(sum(losses) / len(losses))

        scores = writer.write(
            epoch, output=model(params, x_val), reference=x_val, scalars={"loss": loss}
        )
        print(f"epoch {epoch}: loss {loss:.4f}, drift {scores['drift']:.4f}")
