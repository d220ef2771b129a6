"""Wilson's interval, beside that of scipy."""

import pytest
from scipy.stats import binomtest

from retrieval.proportions import wilson_interval


@pytest.mark.parametrize("total", [1, 2, 3, 21, 315, 100_000])
def test_scipy_gives_the_same(total):
    for count in {0, 1, total // 3, total - 1, total}:
        theirs = binomtest(count, total).proportion_ci(method="wilson")
        assert wilson_interval(count, total) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_none_and_all_are_ends_and_still_have_a_width():
    low, high = wilson_interval(0, 21), wilson_interval(21, 21)
    assert (low[0], high[1]) == (0, 1)
    assert low[1] == pytest.approx(1 - high[0]) == pytest.approx(0.155, abs=0.001)


@pytest.mark.parametrize(("count", "total"), [(-1, 3), (4, 3), (0, 0), (1, -1)])
def test_counts_that_are_no_share_are_refused(count, total):
    with pytest.raises(ValueError, match=f"no share of {count} in {total}"):
        wilson_interval(count, total)
