"""Training: a network, triplets, and the epochs in which the one is taught by the other."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from retrieval.embedder import Embedder, Preprocessing
from retrieval.network import DIMENSION, save_weights
from train.data.dataset import LabeledImages
from train.data.ucmerced import DataError
from train.evaluate.metrics import compute_metrics
from train.fit.augment import AugmentedImages
from train.fit.pretrained import initial_network
from train.fit.recipe import Recipe
from train.fit.run import Run
from train.fit.triplets import TripletLoss, batches

LABEL_SMOOTHING = 0.1


class Head(torch.nn.Module):
    """BNNeck: a classifier on batch-normalised features that shapes them in training and is then dropped.

    The triplet loss sees the features before the normalisation, the cross entropy those after it. Luo et al.
    2019, 'Bag of Tricks and a Strong Baseline for Deep Person Re-identification'.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.normalise = torch.nn.BatchNorm1d(DIMENSION)
        self.normalise.bias.requires_grad_(False)
        self.classify = torch.nn.Linear(DIMENSION, classes, bias=False)
        torch.nn.init.normal_(self.classify.weight, std=0.001)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(n, 2048) features -> (n, classes) scores."""
        scores: torch.Tensor = self.classify(self.normalise(features))
        return scores


class Trainer:
    """A network in training, and all of its state that an interrupted run has to find again.

    Args:
        recipe: What to do.
        train: The training images.
        validation: Those that choose the best epoch.
        device: 'cuda' or 'cpu'; a GPU where there is one by default.
        licence: Of the initial weights, where they do not say it themselves.

    Raises:
        DataError: If a class has a single image, or there are no validation images.
        retrieval.ArtifactError: If the initial weights do not fit.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: LabeledImages,
        validation: LabeledImages,
        device: str | None = None,
        licence: str | None = None,
    ) -> None:
        self.recipe = recipe
        self.train, self.validation = _checked(_fraction(train, recipe), validation)
        self.classes = sorted(set(self.train.labels))
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.preprocessing = Preprocessing(recipe.test_size)
        torch.manual_seed(recipe.seed)
        network, self.licence = initial_network(recipe, licence)
        self.network = network.to(self.device).to(memory_format=torch.channels_last)
        self.head = Head(len(self.classes)).to(self.device)
        self.loss = TripletLoss(recipe)
        taught = [*self.network.parameters(), *(self.head.parameters() if recipe.head else ())]
        self.optimizer = torch.optim.AdamW(
            [parameter for parameter in taught if parameter.requires_grad],
            lr=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
        )
        self._mean = torch.tensor(self.preprocessing.mean, device=self.device).view(1, 3, 1, 1) * 255
        self._std = torch.tensor(self.preprocessing.std, device=self.device).view(1, 3, 1, 1) * 255

    def epoch(self, number: int, bar: tqdm[Any]) -> dict[str, float]:
        """Train for an epoch and validate. Returns 'loss', 'active', 'mAP' and 'P@1', all in [0, …]."""
        self.network.train()
        if self.recipe.frozen_statistics:
            for module in self.network.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.eval()
        plan = batches(self.train.labels, self.recipe, number)
        losses, actives = [], []
        bar.reset(total=len(plan))
        for step, (pixels, labels) in enumerate(self.load(plan, number)):
            for group in self.optimizer.param_groups:
                group["lr"] = _learning_rate(self.recipe, number + step / len(plan))
            loss, active = self.step(pixels.to(self.device), labels.to(self.device))
            losses.append(loss)
            actives.append(active)
            bar.set_postfix_str(f"loss {np.mean(losses):.4f}, active {np.mean(actives):.0%}", refresh=False)
            bar.update()
        return {"loss": float(np.mean(losses)), "active": float(np.mean(actives)), **self.validate()}

    def load(self, plan: list[list[int]], epoch: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """The batches of a plan, see `triplets.batches`: (n, 3, size, size) uint8, and (n,) classes."""
        numbers = [self.classes.index(label) for label in self.train.labels]
        places = iter(range(sum(map(len, plan))))
        keys = [[(row, next(places)) for row in batch] for batch in plan]
        data = AugmentedImages(self.train.images, numbers, self.recipe, epoch)
        workers = 8 if self.device.type == "cuda" else 0  # the CPU is busy with the network as it is
        return iter(DataLoader(data, batch_sampler=keys, num_workers=workers))

    def step(self, pixels: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
        """Learn from a batch. Returns its loss and its share of active triplets.

        Raises:
            DataError: If the loss is no number any more.
        """
        images = pixels.float().sub_(self._mean).div_(self._std).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.precision == "bf16"):
            features = self.network(images)
        features = features.float()
        loss, active = self.loss(torch.nn.functional.normalize(features), labels)
        if self.recipe.head:
            scores = self.head(features)
            loss = loss + self.recipe.head * torch.nn.functional.cross_entropy(
                scores, labels, label_smoothing=LABEL_SMOOTHING
            )
        if not torch.isfinite(loss):
            raise DataError(
                f"The loss is {loss.item()}: training has run away; lower --learning-rate, or use float32."
            )
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.item(), active

    def validate(self) -> dict[str, float]:
        """Measure mAP and P@1 of the validation images, embedded as they will be when in use.

        They are searched for among themselves, which takes no embedding of the training images; these are
        the gallery only where a class has a single validation image.
        """
        embedder = Embedder(self.network, self.preprocessing, self.device.type)
        photos = self.validation
        queries = gallery = embedder.embed(photos.images)
        labels = photos.labels
        if min(map(labels.count, labels)) == 1:
            gallery, labels = embedder.embed(self.train.images), self.train.labels
        overall = compute_metrics(
            queries, photos.labels, gallery, labels, exclude_self=gallery is queries, resamples=1
        )["overall"]
        return {"mAP": overall["mAP"], "P@1": overall["P@1"]}

    def state(self) -> dict[str, Any]:
        """What `load_state` needs to go on."""
        return {
            "network": self.network.state_dict(),
            "head": self.head.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        self.network.load_state_dict(state["network"])
        self.head.load_state_dict(state["head"])
        self.optimizer.load_state_dict(state["optimizer"])

    def save(self, path: Path, training: dict[str, Any]) -> None:
        """Write the weights with what has to travel with them."""
        structure = {"architecture": self.recipe.architecture, "pooling": self.recipe.pooling}
        save_weights(self.network, path, structure | {"licence": self.licence, "training": training})


def fit(run: Run, trainer: Trainer, *, interrupted_after: int | None = None) -> None:
    """Train until the recipe's last epoch, from where the run stands.

    After each epoch the run's folder holds the best weights so far, the log, its picture, and a checkpoint.

    Args:
        run: Where to write; one that has a checkpoint is gone on with.
        trainer: What to train.
        interrupted_after: Stop after this many epochs, as if killed then (for tests).
    """
    checkpoint = run.read_checkpoint(trainer.device)
    log: list[dict[str, float]] = []
    if checkpoint:
        trainer.load_state(checkpoint["state"])
        log = checkpoint["log"]
    epochs = trainer.recipe.epochs
    for number in range(len(log), epochs):
        if interrupted_after is not None and number >= interrupted_after:
            return
        started = time.perf_counter()
        with tqdm(desc=f"epoch {number + 1}/{epochs}", unit="batch") as bar:
            row = {"epoch": number + 1, **trainer.epoch(number, bar)}
            best = max((each["mAP"] for each in log), default=-1.0)
            mark = ", the best so far" if row["mAP"] > best else ""
            bar.set_postfix_str(
                f"loss {row['loss']:.4f}, active {row['active']:.0%}, "
                f"validation mAP {row['mAP']:.4f}, P@1 {row['P@1']:.4f}{mark}"
            )
        row["seconds"] = round(time.perf_counter() - started, 1)
        log.append(row)
        if row["mAP"] > best:
            trainer.save(run.best, run.training(trainer.recipe, log))
        run.write_log(log)
        run.write_checkpoint({"state": trainer.state(), "log": log})
    run.finish(trainer.recipe, log)


def _learning_rate(recipe: Recipe, epoch: float) -> float:
    """Rising in a line over the warm-up, then falling as half a cosine to 0 at the end."""
    if epoch < recipe.warm_up:
        return recipe.learning_rate * (epoch + 0.02) / (recipe.warm_up + 0.02)
    done = (epoch - recipe.warm_up) / max(recipe.epochs - recipe.warm_up, 1e-9)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def _fraction(photos: LabeledImages, recipe: Recipe) -> LabeledImages:
    """A share of each class's images, by chance; of a larger share with the same seed a part."""
    if recipe.fraction == 1:
        return photos
    rows: list[int] = []
    for label in sorted(set(photos.labels)):
        members = [row for row, each in enumerate(photos.labels) if each == label]
        chance = np.random.default_rng((recipe.seed, len(members)))
        rows += chance.permutation(members)[: round(recipe.fraction * len(members))].tolist()
    rows.sort()
    return LabeledImages(
        [photos.files[row] for row in rows],
        [photos.labels[row] for row in rows],
        [photos.images[row] for row in rows],
    )


def _checked(train: LabeledImages, validation: LabeledImages) -> tuple[LabeledImages, LabeledImages]:
    for label in sorted(set(train.labels)):
        if train.labels.count(label) < 2:
            raise DataError(
                f"The class '{label}' has a single training image: a triplet needs an anchor and a positive, "
                "so add images, remove the class, or raise --fraction."
            )
    if not validation.files:
        raise DataError("There are no validation images: the best epoch could not be chosen without them.")
    return train, validation
