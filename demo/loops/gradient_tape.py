"""An autoencoder in a plain TensorFlow loop, with a GradientTape.

    python demo/loops/gradient_tape.py --log-dir logs/gradient_tape --epochs 20

then `tensorboard --logdir logs`, tab "Mean Pixel". Needs tensorflow and scikit-learn.
"""

import argparse
import os

os.environ["KERAS_BACKEND"] = "tensorflow"  # the tape sees no other

import keras
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits

from tb_meanpixel import MeanPixelWriter

parser = argparse.ArgumentParser()
parser.add_argument("--log-dir", default="logs/gradient_tape")
parser.add_argument("--epochs", type=int, default=20)
args = parser.parse_args()
keras.utils.set_random_seed(0)

# Handwritten digits in [0, 1]: (1797, 8, 8, 1).
images = tf.random.shuffle(load_digits().images[..., None].astype("float32") / 16)
x_val, x_train = images[:256], images[256:]
batches = tf.data.Dataset.from_tensor_slices(x_train).shuffle(len(x_train)).batch(64)

encoder = [layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(16)]
decoder = [layers.Dense(128, "relu"), layers.Dense(64, "sigmoid"), layers.Reshape((8, 8, 1))]
model = keras.Sequential([keras.Input((8, 8, 1)), *encoder, *decoder])
optimizer = keras.optimizers.Adam(2e-3)


@tf.function
def train_step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x, training=True) - x) ** 2)
    optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return loss


with MeanPixelWriter(args.log_dir) as writer:
    for epoch in range(args.epochs):
        loss = float(tf.reduce_mean([train_step(x) for x in batches]))

        output = model(x_val, training=False)
        scores = writer.write(epoch, output=output, reference=x_val, scalars={"loss": loss})
        print(f"epoch {epoch}: loss {loss:.4f}, drift {scores['drift']:.4f}")
