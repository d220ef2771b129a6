"""Batches and triplets: which images are compared, and their loss."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from train.fit.recipe import Recipe
from train.fit.triplets import TripletLoss, sample_batches

LABELS = [label for label in "abcdefg" for _ in range(10)]


def test_each_image_is_the_anchor_of_a_random_triplet_once_an_epoch():
    recipe = Recipe(triplets="random", batch=8)
    anchors = Counter()
    for batch in sample_batches(LABELS, recipe, epoch=0):
        third = len(batch) // 3
        for anchor, positive, negative in zip(*np.reshape(batch, (3, third)).tolist(), strict=True):
            anchors[anchor] += 1
            assert LABELS[anchor] == LABELS[positive]
            assert anchor != positive
            assert LABELS[anchor] != LABELS[negative]
    assert anchors == Counter(range(len(LABELS)))


def test_random_negatives_come_from_every_other_class():
    recipe = Recipe(triplets="random", batch=70)
    seen = {LABELS[row] for epoch in range(5) for row in sample_batches(LABELS, recipe, epoch)[0][140:]}
    assert seen == set("abcdefg")


@settings(max_examples=50, deadline=None)
@given(
    counts=st.lists(st.integers(2, 30), min_size=2, max_size=9),
    classes=st.integers(2, 10),
    images=st.integers(2, 6),
)
def test_a_batch_has_as_many_images_of_each_of_its_classes(counts, classes, images):
    labels = [str(number) for number, count in enumerate(counts) for _ in range(count)]
    for batch in sample_batches(labels, Recipe(classes=classes, images=images), epoch=0):
        of = Counter(labels[row] for row in batch)
        assert len(of) == min(classes, len(counts))
        assert set(of.values()) == {images}


def test_nearly_every_image_comes_once_an_epoch():
    labels = [f"class {number}" for number in range(21) for _ in range(70)]
    plan = sample_batches(labels, Recipe(), epoch=3)
    times = Counter(row for batch in plan for row in batch)
    assert len(plan) == 47  # 21 classes of 18 packs make 378, in batches of 8 packs
    assert len(times) >= 1470 - 8 * 4
    assert max(times.values()) <= 2


def test_epochs_differ_and_a_seed_repeats_them():
    assert sample_batches(LABELS, Recipe(seed=4), 1) == sample_batches(LABELS, Recipe(seed=4), 1)
    assert sample_batches(LABELS, Recipe(seed=4), 1) != sample_batches(LABELS, Recipe(seed=4), 2)
    assert sample_batches(LABELS, Recipe(seed=4), 1) != sample_batches(LABELS, Recipe(seed=5), 1)


def unit_vectors(count, seed=0):
    vectors = torch.from_numpy(np.random.default_rng(seed).normal(size=(count, 5)).astype(np.float32))
    return torch.nn.functional.normalize(vectors)


def by_hand(vectors, triplets, margin):
    """The mean of the losses above 0, and their share, from the definition."""
    losses = []
    for anchor, positive, negative in triplets:
        near = float((vectors[anchor] - vectors[positive]).norm())
        far = float((vectors[anchor] - vectors[negative]).norm())
        losses.append(max(near - far + margin, 0))
    above = [loss for loss in losses if loss > 0]
    return sum(above) / len(above), len(above) / len(losses)


def test_the_loss_of_random_triplets_is_that_of_the_definition():
    vectors = unit_vectors(12)
    labels = torch.tensor([0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0])
    loss, active = TripletLoss(Recipe(triplets="random", margin=0.4))(vectors, labels)
    expected = by_hand(vectors, [(row, row + 4, row + 8) for row in range(4)], 0.4)
    assert (float(loss), active) == pytest.approx(expected, abs=1e-5)


def test_hard_triplets_are_the_farthest_positive_and_the_nearest_negative():
    vectors, labels = unit_vectors(12, seed=1), torch.arange(12) % 3
    distances = torch.cdist(vectors, vectors)
    triplets = []
    for row in range(12):
        same, other = labels == labels[row], labels != labels[row]
        positive = max(np.flatnonzero(same), key=lambda each: distances[row, each] if each != row else -1)
        negative = min(np.flatnonzero(other), key=lambda each: distances[row, each])
        triplets.append((row, positive, negative))
    loss, active = TripletLoss(Recipe(triplets="hard"))(vectors, labels)
    assert (float(loss), active) == pytest.approx(by_hand(vectors, triplets, 0.3), abs=1e-5)


def test_semihard_triplets_have_the_negative_behind_the_positive_within_the_margin():
    vectors, labels = unit_vectors(12, seed=2), torch.arange(12) % 3
    distances = torch.cdist(vectors, vectors)
    every = [
        (a, p, n)
        for a in range(12) for p in range(12) for n in range(12)
        if a != p and labels[a] == labels[p] and labels[a] != labels[n]
    ]  # fmt: skip
    semihard = [t for t in every if 0 < distances[t[0], t[2]] - distances[t[0], t[1]] <= 0.3]
    loss, share = TripletLoss(Recipe(triplets="semihard"))(vectors, labels)
    assert float(loss) == pytest.approx(by_hand(vectors, semihard, 0.3)[0], abs=1e-5)
    assert share == pytest.approx(len(semihard) / len(every))


@pytest.mark.parametrize("triplets", ["random", "semihard", "hard"])
def test_a_batch_that_is_learnt_already_teaches_nothing_and_breaks_nothing(triplets):
    vectors = torch.eye(4)[torch.tensor([0, 0, 1, 1, 0, 0])].requires_grad_()
    if triplets == "random":
        vectors = torch.eye(4)[torch.tensor([0, 1, 0, 1, 2, 3])].requires_grad_()
    labels = torch.tensor([0, 0, 1, 1, 0, 0]) if triplets != "random" else torch.tensor([0, 1, 0, 1, 2, 3])
    loss, active = TripletLoss(Recipe(triplets=triplets))(vectors, labels)
    loss.backward()
    assert (loss.item(), active) == (0, 0)
    assert torch.isfinite(vectors.grad).all()
