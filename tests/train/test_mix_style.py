"""MixStyle: contrasts change between images of a batch, shapes and everything outside training stay."""

import pytest
import torch

from retrieval.network import new_network
from train.fit.mix_style import MixStyle


@pytest.fixture
def network():
    torch.manual_seed(0)
    return new_network("resnet14").train()


def outputs(network, images, stage="layer2"):
    """The network's features, and what a stage passes on."""
    passed = []
    hook = network.get_submodule(stage).register_forward_hook(lambda _, __, output: passed.append(output))
    with torch.no_grad():
        features = network(images)
    hook.remove()
    return features, passed[0]


def statistics(maps):
    return torch.stack([maps.mean((2, 3)), maps.std((2, 3))])


IMAGES = torch.randn(8, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * torch.linspace(
    0.3, 3, 8
).view(-1, 1, 1, 1)


def test_contrasts_lie_between_those_of_two_images():
    stage = torch.nn.Identity()
    network = torch.nn.ModuleDict({"layer1": stage, "layer2": torch.nn.Identity()}).train()
    MixStyle(network, 1.0, seed=3)
    pair = IMAGES[[0, 7]]
    low, high = statistics(pair).aminmax(dim=1)
    changed = 0
    for _ in range(20):
        mixed = statistics(stage(pair))
        assert (mixed >= low[:, None] - 1e-3).all()
        assert (mixed <= high[:, None] + 1e-3).all()
        changed += not torch.allclose(mixed, statistics(pair), rtol=0.01)
    assert changed


def test_contrasts_lie_between_those_of_a_batch_and_shapes_stay(network):
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    _, before = outputs(network, IMAGES, "layer1")
    MixStyle(network, 1.0, seed=3)
    _, after = outputs(network, IMAGES, "layer1")
    plain, mixed = statistics(before), statistics(after)
    assert not torch.allclose(plain, mixed, rtol=0.01)
    low, high = plain.min(dim=1).values, plain.max(dim=1).values
    tolerance = 1e-4 + 1e-3 * high
    assert (mixed >= (low - tolerance)[:, None]).all()
    assert (mixed <= (high + tolerance)[:, None]).all()
    for old, new in zip(before.flatten(2), after.flatten(2), strict=True):
        lively = old.std(dim=1) > 1e-3
        pairs = torch.stack([old[lively], new[lively]]) - torch.stack([old[lively], new[lively]]).mean(
            2, keepdim=True
        )
        alike = torch.nn.functional.cosine_similarity(*pairs, dim=1)
        assert (alike > 0.999).all()


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_nothing_is_mixed_outside_training_or_with_no_probability(network, probability):
    network.train(probability == 0)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    plain = outputs(network, IMAGES)[0]
    MixStyle(network, probability, seed=3)
    assert torch.equal(outputs(network, IMAGES)[0], plain)


def test_choices_depend_on_the_seed_and_the_epoch_only(network):
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    first = MixStyle(network, 0.7, seed=3)

    def features(epoch):
        first.begin_epoch(epoch)
        return torch.cat([outputs(network, IMAGES)[0] for _ in range(3)])

    zero, one = features(0), features(1)
    assert torch.equal(features(0), zero)
    assert torch.equal(features(1), one)
    assert not torch.equal(zero, one)


def test_another_seed_makes_other_choices():
    stage = torch.nn.Identity()
    mixed = []
    for seed in (1, 1, 2):
        network = torch.nn.ModuleDict({"layer1": stage, "layer2": torch.nn.Identity()}).train()
        stage._forward_hooks.clear()
        MixStyle(network, 1.0, seed).begin_epoch(0)
        mixed.append(stage(IMAGES))
    assert torch.equal(mixed[0], mixed[1])
    assert not torch.equal(mixed[0], mixed[2])


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_batches_of_any_size_and_precision_keep_their_kind(count, kind):
    stage = torch.nn.Identity()
    network = torch.nn.ModuleDict({"layer1": stage, "layer2": torch.nn.Identity()}).train()
    MixStyle(network, 1.0, seed=0)
    maps = torch.rand(count, 4, 3, 3).to(kind)
    mixed = stage(maps)
    assert mixed.dtype == kind
    assert mixed.shape == maps.shape
    if count == 1:
        assert torch.allclose(mixed.float(), maps.float(), atol=0.02)


def test_a_map_without_any_contrast_stays_finite():
    stage = torch.nn.Identity()
    network = torch.nn.ModuleDict({"layer1": stage, "layer2": torch.nn.Identity()}).train()
    MixStyle(network, 1.0, seed=0)
    assert stage(torch.zeros(4, 3, 2, 2)).isfinite().all()
    single = stage(torch.ones(4, 3, 1, 1))  # one pixel has no deviation
    assert single.isfinite().all()
