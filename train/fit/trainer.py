"""Training a network with a triplet loss, epoch by epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader
from tqdm import tqdm

from retrieval.embedder import Embedder
from retrieval.network import save_weights
from retrieval.preprocessing import Preprocessing
from train.data.dataset import LabeledImages, sample_fraction
from train.data.ucmerced import DataError
from train.evaluate.metrics import compute_metrics
from train.fit.augment import AugmentedImages
from train.fit.bnneck import BNNeck
from train.fit.mix_style import MixStyle
from train.fit.pretrained import initial_network
from train.fit.recipe import NO_TEACHER, Recipe
from train.fit.run import RunFolder
from train.fit.teacher import TeacherLoss, add_origin
from train.fit.triplets import TripletLoss, sample_batches

LABEL_SMOOTHING = 0.1


class Trainer:
    """A network in training, with its optimizer and all other state that a resumed run needs.

    Args:
        recipe: The settings of the training.
        train: The training images.
        validation: The images that choose the best epoch.
        device: 'cuda' or 'cpu'; by default a GPU if there is one.
        licence: Of the initial weights, if their file does not state it.

    Raises:
        DataError: If a class has a single training image, or there are no validation images.
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
        self.train = sample_fraction(train, recipe.fraction, recipe.seed)
        self.validation = validation
        _check_parts(self.train, self.validation)
        self.classes = sorted(set(self.train.labels))
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.preprocessing = Preprocessing(recipe.test_size)
        torch.manual_seed(recipe.seed)
        network, origin = initial_network(recipe, licence)
        self.licence = add_origin(origin, recipe.teacher)
        self.network = network.to(self.device).to(memory_format=torch.channels_last)
        self.head = BNNeck(len(self.classes)).to(self.device)
        self.loss = TripletLoss(recipe)
        self.mix_style = MixStyle(network, recipe.mix_style, recipe.seed) if recipe.mix_style else None
        parameters = [*self.network.parameters(), *(self.head.parameters() if recipe.head else ())]
        self.teacher: TeacherLoss | None = None
        if recipe.teacher != NO_TEACHER:
            self.teacher = TeacherLoss(recipe.teacher, recipe.size).to(self.device)
            parameters.extend(self.teacher.parameters())
        self.optimizer = torch.optim.AdamW(
            [parameter for parameter in parameters if parameter.requires_grad],
            lr=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
        )
        self._start: list[torch.Tensor] = []
        if recipe.near_start:
            self._start = [parameter.detach().clone() for parameter in self.network.parameters()]
        self.averaged: AveragedModel | None = None
        if recipe.average:
            # BatchNorm's statistics are copied with the rest (use_buffers would average them too).
            keep = get_ema_multi_avg_fn(recipe.average)  # type: ignore[no-untyped-call]
            self.averaged = AveragedModel(self.network, multi_avg_fn=keep)
        self._mean = torch.tensor(self.preprocessing.mean, device=self.device).view(1, 3, 1, 1) * 255
        self._std = torch.tensor(self.preprocessing.std, device=self.device).view(1, 3, 1, 1) * 255

    def run_epoch(self, number: int, bar: tqdm[Any]) -> dict[str, float]:
        """Train for one epoch, then validate.

        Args:
            number: Of the epoch, from 0.
            bar: Shows how far the epoch is.

        Returns:
            Means over the epoch's batches, 'loss' (>= 0) and 'active' (the share of active triplets, in
            [0, 1]); and what `validate` returns.
        """
        self.network.train()
        if self.recipe.frozen_statistics:
            for module in self.network.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.eval()
        if self.mix_style:
            self.mix_style.begin_epoch(number)
        batches = sample_batches(self.train.labels, self.recipe, number)
        losses, actives = [], []
        bar.reset(total=len(batches))
        for step, (pixels, labels) in enumerate(self.load_batches(batches, number)):
            for group in self.optimizer.param_groups:
                group["lr"] = _learning_rate(self.recipe, number + step / len(batches))
            loss, active = self.step(pixels.to(self.device), labels.to(self.device))
            losses.append(loss)
            actives.append(active)
            bar.set_postfix_str(f"loss {np.mean(losses):.4f}, active {np.mean(actives):.0%}", refresh=False)
            bar.update()
        return {"loss": float(np.mean(losses)), "active": float(np.mean(actives)), **self.validate()}

    def load_batches(
        self, batches: list[list[int]], epoch: int
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Read and augment the images of batches.

        Args:
            batches: Rows of the training images, see `train.fit.triplets.sample_batches`.
            epoch: From 0; decides the augmentation, together with the seed.

        Yields:
            For each batch of n rows (n, 3, size, size) uint8, and (n,) the classes as numbers.
        """
        numbers = [self.classes.index(label) for label in self.train.labels]
        positions = iter(range(sum(map(len, batches))))
        keys = [[(row, next(positions)) for row in batch] for batch in batches]
        data = AugmentedImages(self.train.images, self.train.labels, numbers, self.recipe, epoch)
        workers = 8 if self.device.type == "cuda" else 0  # without a GPU the network needs all cores
        return iter(DataLoader(data, batch_sampler=keys, num_workers=workers))

    def step(self, pixels: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
        """Do one step of the optimizer.

        Args:
            pixels: (n, 3, size, size) uint8.
            labels: (n,) classes as numbers.

        Returns:
            The loss, and the share of active triplets in [0, 1], see `train.fit.triplets.TripletLoss`.

        Raises:
            DataError: If the loss is infinite or not a number.
        """
        images = pixels.float().sub_(self._mean).div_(self._std).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.precision == "bf16"):
            features = self.network(images)
            taught = None if self.teacher is None else self.teacher.taught(images)
        features = features.float()
        loss, active = self.loss(torch.nn.functional.normalize(features), labels)
        if self.recipe.head:
            scores = self.head(features)
            loss = loss + self.recipe.head * torch.nn.functional.cross_entropy(
                scores, labels, label_smoothing=LABEL_SMOOTHING
            )
        if self.teacher is not None and taught is not None:
            loss = loss + self.teacher(features, taught)
        if not torch.isfinite(loss):
            raise DataError(
                f"The loss is {loss.item()}: training has run away; lower --learning-rate, or use float32."
            )
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        if self._start:
            self._draw_to_start()
        if self.averaged is not None:
            self.averaged.update_parameters(self.network)
        return loss.item(), active

    @torch.no_grad()
    def _draw_to_start(self) -> None:
        """Move each weight a little towards its initial value, as AdamW's decay moves it towards 0.

        L2-SP of Li, Grandvalet, Davoine 2018, 'Explicit inductive bias for transfer learning with
        convolutional networks', decoupled from the gradient as AdamW's decay is.
        """
        share = self.optimizer.param_groups[0]["lr"] * self.recipe.near_start
        for parameter, start in zip(self.network.parameters(), self._start, strict=True):
            parameter.lerp_(start, min(share, 1.0))

    def validate(self) -> dict[str, float]:
        """Compute 'mAP' and 'P@1' of the validation images, embedded as in use.

        Query and gallery are the validation images, so that the training images need not be embedded. If a
        class has a single validation image, the gallery is the training images.
        """
        embedder = Embedder(self.shipped_network, self.preprocessing, self.device.type)
        query_labels = labels = self.validation.labels
        queries = gallery = embedder.embed(self.validation.images)
        if min(map(labels.count, labels)) == 1:
            gallery, labels = embedder.embed(self.train.images), self.train.labels
        overall = compute_metrics(
            queries, query_labels, gallery, labels, exclude_self=gallery is queries, resamples=1
        )["overall"]
        return {"mAP": overall["mAP"], "P@1": overall["P@1"]}

    @property
    def device_name(self) -> str:
        """What the training runs on, for people: 'CPU', or the name of a GPU."""
        is_gpu = self.device.type == "cuda"
        return torch.cuda.get_device_name(self.device) if is_gpu else "CPU"

    @property
    def shipped_network(self) -> torch.nn.Module:
        """The network that is validated and kept: the running average, where the recipe has one."""
        return self.network if self.averaged is None else self.averaged.module

    def state(self) -> dict[str, Any]:
        """Everything that `load_state` restores."""
        parts = {name: part.state_dict() for name, part in self._parts.items()}
        return parts | ({"start": self._start} if self._start else {})

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` returned."""
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        if self._start:  # the file of the initial weights may have changed since
            self._start = state["start"]

    @property
    def _parts(self) -> dict[str, Any]:
        """Everything that has a state."""
        parts = {
            "network": self.network,
            "head": self.head,
            "optimizer": self.optimizer,
            "averaged": self.averaged,
            "teacher": self.teacher,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def save(self, path: Path, training: dict[str, Any]) -> None:
        """Write the weights, with their structure, licence and training as metadata."""
        structure = {"architecture": self.recipe.architecture, "pooling": self.recipe.pooling}
        save_weights(self.shipped_network, path, structure | {"licence": self.licence, "training": training})


def fit(run: RunFolder, trainer: Trainer, *, stop_after: int | None = None) -> None:
    """Train until the recipe's last epoch, or resume a run from its last complete epoch.

    After each epoch the run's folder holds the best weights so far, the log, its chart, and a checkpoint.

    Args:
        run: Where to write; if it has a checkpoint, training resumes from there.
        trainer: The network in training.
        stop_after: Stop after this many epochs, as if killed then (for tests).
    """
    checkpoint = run.read_checkpoint(trainer.device)
    log: list[dict[str, float]] = []
    if checkpoint:
        trainer.load_state(checkpoint["state"])
        log = checkpoint["log"]
    epochs = trainer.recipe.epochs
    for number in range(len(log), epochs):
        if stop_after is not None and number >= stop_after:
            return
        started = time.perf_counter()
        with tqdm(desc=f"epoch {number + 1}/{epochs}", unit="batch") as bar:
            row = {"epoch": number + 1, **trainer.run_epoch(number, bar)}
            best = max((earlier["mAP"] for earlier in log), default=-1.0)
            mark = ", the best so far" if row["mAP"] > best else ""
            bar.set_postfix_str(
                f"loss {row['loss']:.4f}, active {row['active']:.0%}, "
                f"validation mAP {row['mAP']:.4f}, P@1 {row['P@1']:.4f}{mark}"
            )
        row["seconds"] = round(time.perf_counter() - started, 1)
        log.append(row)
        if row["mAP"] > best:
            trainer.save(run.best_weights, run.training_metadata(trainer.recipe, log))
        run.write_log(log)
        run.write_checkpoint({"state": trainer.state(), "log": log})
    run.finish(trainer.recipe, log, trainer.device_name)


def _learning_rate(recipe: Recipe, epoch: float) -> float:
    """The learning rate at an epoch, which may be a fraction: a linear warm-up, then half a cosine to 0."""
    if epoch < recipe.warm_up:
        return recipe.learning_rate * (epoch + 0.02) / (recipe.warm_up + 0.02)
    done = (epoch - recipe.warm_up) / max(recipe.epochs - recipe.warm_up, 1e-9)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def _check_parts(train: LabeledImages, validation: LabeledImages) -> None:
    """Raise DataError if a class has a single training image, or there are no validation images."""
    for label in sorted(set(train.labels)):
        if train.labels.count(label) < 2:
            raise DataError(
                f"The class '{label}' has a single training image: a triplet needs an anchor and a positive, "
                "so add images, remove the class, or raise --fraction."
            )
    if not validation.files:
        raise DataError("There are no validation images: the best epoch could not be chosen without them.")
