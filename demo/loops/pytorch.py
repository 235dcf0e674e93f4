"""An autoencoder in a plain PyTorch loop.

    python demo/loops/pytorch.py --log-dir logs/pytorch --epochs 20

then `tensorboard --logdir logs`, tab "Mean Pixel". Needs torch and scikit-learn.
"""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

from tb_meanpixel import MeanPixelWriter

parser = argparse.ArgumentParser()
parser.add_argument("--log-dir", default="logs/pytorch")
parser.add_argument("--epochs", type=int, default=20)
args = parser.parse_args()
torch.manual_seed(0)

# Handwritten digits in [0, 1], with PyTorch's order of axes: (1797, 1, 8, 8).
images = torch.tensor(load_digits().images[:, None], dtype=torch.float32) / 16
images = images[torch.randperm(len(images))]
x_val, x_train = images[:256], images[256:]

encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 16))
decoder = nn.Sequential(nn.Linear(16, 128), nn.ReLU(), nn.Linear(128, 64), nn.Sigmoid())
model = nn.Sequential(encoder, decoder, nn.Unflatten(1, (1, 8, 8)))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

with MeanPixelWriter(args.log_dir) as writer:
    for epoch in range(args.epochs):
        losses = []
        model.train()
        for x in x_train[torch.randperm(len(x_train))].split(64):
            loss = nn.functional.mse_loss(model(x), x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        loss = sum(losses) / len(losses)

        model.eval()
        with torch.no_grad():
            scores = writer.write(
                epoch, output=model(x_val), reference=x_val, scalars={"loss": loss}
            )
        print(f"epoch {epoch}: loss {loss:.4f}, drift {scores['drift']:.4f}")
