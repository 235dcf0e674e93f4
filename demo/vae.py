"""A convolutional variational autoencoder (VAE) in Keras 3, for TensorFlow, JAX and PyTorch.

    vae = VAE(image_shape=(28, 28, 1))
    vae.compile(optimizer="adam")
    vae.fit(x_train, validation_data=(x_validation,))  # images in [0, 1], no targets
    reconstructions = vae(x_validation)
    samples = vae.decoder(keras.random.normal((16, vae.latent_dim)))

Keras's own training loop does the work: `call` gives the reconstruction and
`compute_loss` says how good it is, so there is no `train_step` to override.
"""

import keras
from keras import layers, ops
from losses import LOSSES, mean_pixel_error


def encoder(image_shape, latent_dim):
    """Image -> mean and log variance of its code."""
    images = keras.Input(image_shape)  # (batch, h, w, c)
    x = layers.Conv2D(32, 4, strides=2, padding="same", activation="relu")(images)  # h/2, w/2
    x = layers.Conv2D(64, 4, strides=2, padding="same", activation="relu")(x)  # h/4, w/4
    x = layers.Flatten()(x)  # (batch, h/4 * w/4 * 64)
    mean = layers.Dense(latent_dim, name="mean")(x)  # (batch, latent_dim)
    log_var = layers.Dense(latent_dim, name="log_var")(x)  # (batch, latent_dim)
    return keras.Model(images, [mean, log_var], name="encoder")


class Sampling(layers.Layer):
    """Draws a code from N(mean, exp(log_var)); adds its KL divergence from N(0, 1) as a loss."""

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, mean, log_var, training=False):
        kl = 0.5 * ops.sum(ops.square(mean) + ops.exp(log_var) - 1 - log_var, axis=-1)  # (batch,)
        self.add_loss(ops.mean(kl))
        if not training:
            # The same image always gives the same reconstruction, and looking at
            # the model in the middle of its training does not change what follows.
            return mean
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * noise  # (batch, latent_dim)


def decoder(image_shape, latent_dim, activation):
    """Code -> image in the range of the activation: the encoder's steps backwards."""
    height, width, channels = image_shape
    codes = keras.Input((latent_dim,))
    x = layers.Dense(height // 4 * width // 4 * 64, activation="relu")(codes)
    x = layers.Reshape((height // 4, width // 4, 64))(x)
    # The stride divides the kernel, so every pixel is painted equally often: no checkerboard.
    x = layers.Conv2DTranspose(32, 4, strides=2, padding="same", activation="relu")(x)  # h/2, w/2
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same", activation=activation)(x)
    return keras.Model(codes, x, name="decoder")  # (batch, h, w, c)


@keras.saving.register_keras_serializable(package="demo")
class VAE(keras.Model):
    """Encoder, sampling, decoder.

    loss = reconstruction + beta * KL divergence + mean_pixel_weight * mean_pixel_error

    in nats per image. `beta=1` is the textbook's bound on the likelihood. Less keeps
    more of the image in the code; too much empties the code, and all reconstructions
    become one and the same image (posterior collapse).

    `reconstruction` names one of `losses.py`; `fine_tuning` another one, which replaces
    it from when `is_fine_tuning` is set. A `mean_pixel_weight` holds the brightness
    of each image where they do not: 1 weighs it as a squared error does.
    """

    def __init__(
        self,
        image_shape,
        *,
        latent_dim=32,
        beta=0.1,
        activation="sigmoid",
        reconstruction="cross_entropy",
        fine_tuning=None,
        mean_pixel_weight=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        height, width, _ = image_shape
        if height % 4 or width % 4:
            raise ValueError(f"height and width must be multiples of 4; got {image_shape}")
        self.image_shape = tuple(image_shape)
        self.latent_dim = latent_dim
        self.beta = beta
        self.activation = activation
        self.reconstruction = reconstruction
        self.fine_tuning = fine_tuning
        self.mean_pixel_weight = mean_pixel_weight
        self.seed = seed
        self.encoder = encoder(self.image_shape, latent_dim)
        self.sampling = Sampling(seed)
        self.decoder = decoder(self.image_shape, latent_dim, activation)
        self.is_fine_tuning = keras.Variable(0.0, trainable=False)  # a number: 0 or 1
        self.reconstruction_loss = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_loss = keras.metrics.Mean(name="kl_loss")

    def call(self, images, training=False):
        mean, log_var = self.encoder(images)  # (batch, latent_dim) each
        codes = self.sampling(mean, log_var, training=training)  # (batch, latent_dim)
        return self.decoder(codes)  # (batch, h, w, c)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        targets = x if y is None else y
        reconstruction = LOSSES[self.reconstruction](targets, y_pred)  # (batch,)
        if self.fine_tuning:
            fine = LOSSES[self.fine_tuning](targets, y_pred)
            reconstruction = ops.where(self.is_fine_tuning > 0, fine, reconstruction)
        if self.mean_pixel_weight:
            reconstruction += self.mean_pixel_weight * mean_pixel_error(targets, y_pred)
        kl = sum(self.losses)  # from Sampling, already a mean over the batch
        self.reconstruction_loss.update_state(reconstruction)
        self.kl_loss.update_state(kl, sample_weight=ops.shape(x)[0])
        return ops.mean(reconstruction) + self.beta * kl

    def get_config(self):
        config = super().get_config()
        own = ("image_shape", "latent_dim", "beta", "activation", "reconstruction")
        own += ("fine_tuning", "mean_pixel_weight", "seed")
        return {**config, **{name: getattr(self, name) for name in own}}
