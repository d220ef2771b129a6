"""Features with the contrasts of other images: photos of one sensor, trained on as if of several.

Zhou, Yang, Qiao, Xiang 2021, 'Domain Generalization with MixStyle'. Means and deviations of a feature map
hold what differs between sensors and seasons; in training some are mixed with those of another image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

#: The stages whose outputs are mixed, and the parameter of the Beta distribution of the shares: the paper's.
STAGES = ("layer1", "layer2")
CONCENTRATION = 0.1
#: Keeps the choices apart from those of the batches, which are drawn from the same seed and epoch.
_STREAM = 1


class MixStyle:
    """Mixes the outputs of a network's first stages, each time with a probability, while it is trained.

    Args:
        network: A ResNet; it is given hooks.
        probability: In [0, 1].
        seed: Of the choices, which depend on it and on the epoch only.
    """

    def __init__(self, network: torch.nn.Module, probability: float, seed: int) -> None:
        self._probability, self._seed = probability, seed
        self._random = np.random.default_rng(seed)
        for stage in STAGES:
            network.get_submodule(stage).register_forward_hook(self._mixed)

    def begin_epoch(self, number: int) -> None:
        """Draw anew, so that a resumed run makes the choices of one that was never interrupted."""
        self._random = np.random.default_rng((self._seed, number, _STREAM))

    def _mixed(self, stage: torch.nn.Module, _: Any, output: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
        if not stage.training or self._random.random() >= self._probability:
            return output
        order = torch.from_numpy(self._random.permutation(len(output))).to(output.device)
        shares = self._shares(len(output)).to(output.device)
        with torch.no_grad():
            mean = output.float().mean((2, 3), keepdim=True)
            deviation = (output.float().var((2, 3), correction=0, keepdim=True) + 1e-6).sqrt()
        plain = (output - mean) / deviation
        mixed = plain * _between(deviation, order, shares) + _between(mean, order, shares)
        return mixed.to(output.dtype)

    def _shares(self, count: int) -> torch.Tensor:
        """What each image keeps of its own: (count, 1, 1, 1), in [0, 1], mostly near one of both ends."""
        shares = self._random.beta(CONCENTRATION, CONCENTRATION, (count, 1, 1, 1))
        return torch.from_numpy(shares.astype(np.float32))


def _between(own: torch.Tensor, order: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    return shares * own + (1 - shares) * own[order]
