"""The recipe of a training run: every setting, its default, and its option on the command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, fields
from typing import Any, get_type_hints

from train.data.ucmerced import COMMITTED, DIVISIONS

TRIPLETS = ("random", "semihard", "hard")
POOLINGS = ("average", "gem")
PRECISIONS = ("float32", "bf16")
NO_TEACHER = "none"
TEACHERS = (NO_TEACHER, "efficientnet-lite2")
SURROUNDINGS = ("mirror", "class", "neighbours")


def _setting(default: Any, text: str, choices: tuple[str, ...] | None = None) -> Any:  # noqa: ANN401
    return field(default=default, metadata={"help": text, "choices": choices})


@dataclass(frozen=True)
class Recipe:
    """All settings of a training run: the fields of its `recipe.json`."""

    init: str = _setting(
        "imagenet",
        "initial weights: 'imagenet' (torchvision's, downloaded), 'scratch', or a safetensors file",
    )
    architecture: str = _setting(
        "resnet50", "resnet14 has a block a stage, for quick tries", ("resnet50", "resnet14")
    )
    pooling: str = _setting("average", "what makes 2,048 features of the last feature map", POOLINGS)
    triplets: str = _setting("hard", "random: the paper's; semihard, hard: mined in the batch", TRIPLETS)
    margin: float = _setting(0.3, "of the triplet loss, on distances of unit vectors")
    classes: int = _setting(8, "classes of a batch, for mined triplets")
    images: int = _setting(4, "images of each class in a batch, for mined triplets")
    batch: int = _setting(10, "triplets of a batch, for random triplets")
    head: float = _setting(0.0, "weight of a classification head that is dropped after training; 0: none")
    teacher: str = _setting(NO_TEACHER, "also learn the features of this network", TEACHERS)
    frozen_statistics: bool = _setting(True, "keep BatchNorm's means and variances as they are")
    epochs: int = _setting(10, "how often each training image is an anchor")
    learning_rate: float = _setting(1e-4, "its highest value, of AdamW")
    weight_decay: float = _setting(1e-4, "of AdamW")
    warm_up: float = _setting(1.0, "epochs in which the learning rate rises; then it falls as a cosine")
    size: int = _setting(224, "side of the square that the network is trained on, in pixels")
    test_size: int = _setting(256, "side of the square that it embeds afterwards")
    rotations: bool = _setting(True, "turn and flip images into one of their 8 orientations")
    crop: float = _setting(0.4, "smallest share of an image's area that a random crop keeps; 1: no crops")
    zoom_out: float = _setting(0.0, "share of images seen from twice as high, mirrored at their edges")
    higher: float = _setting(0.0, "share of images seen from higher up, among others")
    highest: float = _setting(8.0, "how many times as high at most")
    surroundings: str = _setting("neighbours", "what lies around an image seen from higher up", SURROUNDINGS)
    drawn: float = _setting(0.0, "share of images that a drawn landscape of their class replaces")
    lower: float = _setting(0.0, "share of images seen from nearer, a part of each")
    nearest: float = _setting(
        1.6, "of --lower: how many times as near at most; a random crop comes nearer still"
    )
    hue: float = _setting(0.0, "strength of changes of hue, at most 0.5; 0: none")
    haze: float = _setting(0.0, "share of images with haze, a tint of season, or a shadow over a part")
    amplitudes: float = _setting(0.0, "share of images that take the Fourier amplitudes of another in part")
    mix_style: float = _setting(0.0, "how often feature maps take the contrasts of other images, in part")
    near_start: float = _setting(
        0.0, "pull of the weights to the initial ones, times the learning rate; 0: none"
    )
    average: float = _setting(0.0, "share that a step keeps of the weights' running average; 0: no average")
    colour: float = _setting(0.3, "strength of changes of brightness, contrast and saturation; 0: none")
    blur: float = _setting(0.1, "share of images that are blurred")
    jpeg: float = _setting(0.2, "share of images that are compressed as JPEG of quality 30 to 90")
    division: str = _setting(
        COMMITTED, "how the images are divided into parts", choices=(COMMITTED, *DIVISIONS)
    )
    fraction: float = _setting(1.0, "share of each class's training images that is used")
    seed: int = _setting(1, "of everything random")
    precision: str = _setting(
        "float32", "of the network's arithmetic; bf16 is faster where it is built in", PRECISIONS
    )

    def __post_init__(self) -> None:
        for name, low, high in (
            ("margin", 0, 2), ("crop", 0.01, 1), ("zoom_out", 0, 1), ("colour", 0, 1), ("blur", 0, 1),
            ("jpeg", 0, 1), ("higher", 0, 1), ("drawn", 0, 1), ("lower", 0, 1), ("highest", 1, 16),
            ("nearest", 1, 8), ("hue", 0, 0.5), ("haze", 0, 1), ("amplitudes", 0, 1), ("mix_style", 0, 1),
            ("near_start", 0, 1000),
            ("average", 0, 0.9999), ("fraction", 0.001, 1), ("head", 0, 100), ("learning_rate", 0, 1),
            ("classes", 2, 1000), ("images", 2, 1000), ("batch", 1, 10000), ("epochs", 1, 10000),
            ("size", 32, 2048), ("test_size", 32, 1024), ("warm_up", 0, 10000), ("weight_decay", 0, 1),
        ):  # fmt: skip
            value = getattr(self, name)
            if not low <= value <= high:
                raise RecipeError(f"--{_option(name)} is {value}: it has to be from {low} to {high}.")
        shares = self.higher + self.drawn + self.lower
        if shares > 1 + 1e-9:  # 0.1 + 0.2 + 0.7 is not always 1
            raise RecipeError(f"--higher, --drawn and --lower are {shares:g} together: at most 1.")


class RecipeError(ValueError):
    """A setting is out of its range. The message says which, and the range."""


def _option(name: str) -> str:
    return name.replace("_", "-")


def add_options(parser: argparse._ArgumentGroup) -> None:
    """An option for each setting."""
    types = get_type_hints(Recipe)
    for setting in fields(Recipe):
        text = f"{setting.metadata['help']} (%(default)s)"
        if types[setting.name] is bool:
            parser.add_argument(
                f"--{_option(setting.name)}",
                action=argparse.BooleanOptionalAction,
                default=setting.default,
                help=text,
            )
        else:
            parser.add_argument(
                f"--{_option(setting.name)}",
                type=types[setting.name],
                default=setting.default,
                choices=setting.metadata["choices"],
                help=text,
            )


def from_options(options: argparse.Namespace) -> Recipe:
    """The recipe that a command line asks for. Raises RecipeError where a setting is out of range."""
    return Recipe(**{setting.name: getattr(options, setting.name) for setting in fields(Recipe)})


def command_line(recipe: Recipe) -> str:
    """The options of the command line that give this recipe: those that differ from their default."""
    options = []
    for setting in fields(Recipe):
        value = getattr(recipe, setting.name)
        if value == setting.default:
            continue
        if isinstance(value, bool):
            options.append(f"--{'' if value else 'no-'}{_option(setting.name)}")
        else:
            options.append(f"--{_option(setting.name)} {value}")
    return " ".join(options)
