"""A generative adversarial network (GAN) in Keras, with a `train_step` of its own.

    python demo/loops/gan.py --log-dir logs/gan --epochs 40

then `tensorboard --logdir logs`, tab "Mean Pixel". Needs tensorflow and scikit-learn.

Neither loss of a GAN falls as its images get better. The callback draws samples
from the same noise after every epoch and compares their distribution with that
of real images. No sample belongs to a certain image, hence `paired=False`.
"""

import argparse
import os

os.environ["KERAS_BACKEND"] = "tensorflow"  # the tapes see no other

import keras
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits

from tb_meanpixel import MeanPixelCallback

parser = argparse.ArgumentParser()
parser.add_argument("--log-dir", default="logs/gan")
parser.add_argument("--epochs", type=int, default=40)
args = parser.parse_args()
keras.utils.set_random_seed(0)

NOISE = 32  # how many numbers a sample is made from

# Handwritten digits in [0, 1]: (1797, 8, 8, 1).
images = tf.random.shuffle(load_digits().images[..., None].astype("float32") / 16)
x_val, x_train = images[:256], images[256:]

generator = keras.Sequential(
    [
        keras.Input((NOISE,)),
        layers.Dense(128, "relu"),
        layers.BatchNormalization(),
        layers.Dense(64, "sigmoid"),
        layers.Reshape((8, 8, 1)),
    ]
)
discriminator = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Flatten(),
        layers.Dense(128, layers.LeakyReLU(0.2)),
        layers.Dropout(0.3),
        layers.Dense(1),  # above 0: looks real
    ]
)
cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)


class GAN(keras.Model):
    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.generator_optimizer = keras.optimizers.Adam(5e-4, beta_1=0.5)
        self.discriminator_optimizer = keras.optimizers.Adam(5e-4, beta_1=0.5)

    def train_step(self, real):
        noise = tf.random.normal((tf.shape(real)[0], NOISE))
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            on_fake = self.discriminator(self.generator(noise, training=True), training=True)
            on_real = self.discriminator(real, training=True)
            ones, zeros = tf.ones_like(on_real), tf.zeros_like(on_fake)
            g_loss = cross_entropy(ones, on_fake)
            d_loss = cross_entropy(ones, on_real) + cross_entropy(zeros, on_fake)
        g_weights = self.generator.trainable_variables
        d_weights = self.discriminator.trainable_variables
        self.generator_optimizer.apply(g_tape.gradient(g_loss, g_weights), g_weights)
        self.discriminator_optimizer.apply(d_tape.gradient(d_loss, d_weights), d_weights)
        return {"g_loss": g_loss, "d_loss": d_loss}


samples = MeanPixelCallback(
    args.log_dir,
    reference=(tf.random.normal((len(x_val), NOISE)), x_val),  # this noise in every epoch
    predict_fn=lambda gan, noise: gan.generator(noise, training=False),
    paired=False,
    stream="samples",
)
gan = GAN(generator, discriminator)
gan.compile()
gan.fit(x_train, epochs=args.epochs, batch_size=64, callbacks=[samples], verbose=2)
