"""The statistics against other people's: published examples, statsmodels, and formulas written out."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.distributions.empirical_distribution import ECDF
from statsmodels.stats.contingency_tables import Table, Table2x2
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from outgrow_nb import explore
from outgrow_nb.explore.shares import corrected, share
from tests.unit.explore_support import PLAN, of, sandbox_read


@pytest.fixture(scope="module")
def leads() -> pd.DataFrame:
    """Some 1,500 leads of one quiz."""
    return of(sandbox_read(11, 5000, (PLAN,)), PLAN)


def spread(table: dict[tuple[str, str], int]) -> pd.DataFrame:
    """A frame with so many rows of each pair."""
    return pd.DataFrame([pair for pair, count in table.items() for _ in range(count)], columns=["one", "other"])


# Newcombe 1998, Statistics in Medicine 17, 857, table I, method 3 (Wilson's score interval).
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(part: int, whole: int, low: float, high: float) -> None:
    """The four intervals of Newcombe's table, to its four digits."""
    made = share([part], [whole])
    assert made["low"][0] == pytest.approx(low, abs=5e-5)
    assert made["high"][0] == pytest.approx(high, abs=5e-5)


def test_wilson_as_statsmodels() -> None:
    """All parts of 1, 7, 100 and of a large whole, and NA where there is no whole."""
    for whole in (1, 7, 100, 48_211):
        parts = np.unique(np.linspace(0, whole, 50).astype(int))
        made = share(parts, np.full(len(parts), whole))
        low, high = proportion_confint(parts, whole, method="wilson")
        assert np.allclose(made["low"].to_numpy(dtype=float), low, atol=1e-12)
        assert np.allclose(made["high"].to_numpy(dtype=float), high, atol=1e-12)
    assert share([0], [0])["share"].isna().all()


def test_benjamini_hochberg_as_published() -> None:
    """Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57, 289, 3.2: of 15 p the first four are rejected."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert list(corrected(p) < 0.05) == [True] * 4 + [False] * 11
    assert np.allclose(corrected(p), multipletests(p, method="fdr_bh")[1])
    holes = corrected([0.01, float("nan"), 0.04])
    assert np.allclose(holes[[0, 2]], [0.02, 0.04])
    assert np.isnan(holes[1])


def test_cramers_v_as_published() -> None:
    """Snee 1974 (Am. Stat. 28, 9), hair and eyes of 592 students: chi-squared 138.29, V 0.279 (Friendly, vcd)."""
    eyes, hair = ("Brown", "Blue", "Hazel", "Green"), ("Black", "Brown", "Red", "Blond")
    counted = [[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]]
    frame = spread({(h, e): counted[i][k] for i, h in enumerate(hair) for k, e in enumerate(eyes)})
    made = explore.relate(frame, "one").iloc[0]
    assert made["test"] == "chi-squared"
    assert made["effect"] == pytest.approx(0.279, abs=5e-4)
    assert made["n"] == 592
    assert made["p"] == pytest.approx(stats.chi2.sf(138.29, 9), rel=2e-3)
    assert made["p"] == pytest.approx(Table(np.array(counted)).test_nominal_association().pvalue, rel=1e-6)
    table = explore.crosstab(frame, "one", "other")
    assert table.attrs["outgrow"]["effect"] == pytest.approx(made["effect"])
    assert table.set_index(["one", "other"]).loc[("Black", "Brown"), "share"] == pytest.approx(68 / 108)


def test_fisher_as_published() -> None:
    """Fisher 1935, the lady tasting tea: 3 of 4 right, p = 0.486 for both sides."""
    frame = spread({("milk", "milk"): 3, ("milk", "tea"): 1, ("tea", "milk"): 1, ("tea", "tea"): 3})
    more = pd.concat([frame, pd.DataFrame({"one": ["milk", "tea"] * 4, "other": [None] * 8})], ignore_index=True)
    won = more.assign(won=(more["other"] == "milk").astype("boolean").where(more["other"].notna()))
    assert explore.lift(won, "won", by="one")["p"].tolist() == pytest.approx([34 / 70] * 2)


def test_kruskal_and_its_strength(leads: pd.DataFrame) -> None:
    """H from mean ranks written out, with its correction for ties; epsilon is the root of H / (n - 1)."""
    made = explore.relate(leads, "score", among=["utm_source"]).iloc[0]
    known = leads[leads["score"].notna() & leads["utm_source"].notna()]
    rank, n = known["score"].rank(), len(known)
    groups = rank.groupby(known["utm_source"], observed=True)
    h = 12 / (n * (n + 1)) * (groups.sum() ** 2 / groups.size()).sum() - 3 * (n + 1)
    ties = known["score"].value_counts()
    h /= 1 - (ties**3 - ties).sum() / (n**3 - n)
    assert made["n"] == n
    assert made["effect"] == pytest.approx(np.sqrt(h / (n - 1)))
    assert made["p"] == pytest.approx(stats.chi2.sf(h, len(groups) - 1))
    assert (made["test"], made["effect_name"]) == ("Kruskal-Wallis", "epsilon")


def test_kruskal_leaves_small_groups_out() -> None:
    """Four far-off values do not count: the test's p holds from five on."""
    values = [*range(20), *range(20), 900, 901, 902, 903]
    frame = pd.DataFrame({"score": values, "source": ["a"] * 20 + ["b"] * 20 + ["c"] * 4})
    assert explore.relate(frame, "source").iloc[0][["effect", "p"]].tolist() == pytest.approx([0, 1], abs=1e-6)


def test_spearman(leads: pd.DataFrame) -> None:
    """Pearson's r of the ranks."""
    size = "how_large_is_it_in_square_metres"
    made = explore.relate(leads, "score", among=[size]).iloc[0]
    known = leads[[size, "score"]].dropna().astype(float).rank()
    assert made["effect"] == pytest.approx(np.corrcoef(known[size], known["score"])[0, 1])
    assert (made["test"], made["effect_name"], made["n"]) == ("Spearman", "rho", len(known))


def test_lift_as_statsmodels(leads: pd.DataFrame) -> None:
    """Relative risk, its interval, and the uncorrected chi-squared p, group by group."""
    made = explore.lift(leads, "called", by="utm_source").set_index("utm_source")
    known = leads[leads["called"].notna()]
    for source in leads["utm_source"].cat.categories:
        here = known["utm_source"] == source
        good = known["called"].astype(bool)
        table = Table2x2([[(good & here).sum(), (~good & here).sum()], [(good & ~here).sum(), (~good & ~here).sum()]])
        row = made.loc[source]
        assert row["lift"] == pytest.approx(table.riskratio)
        assert (row["low"], row["high"]) == pytest.approx(table.riskratio_confint())
        assert row["p"] == pytest.approx(table.test_nominal_association().pvalue)
    assert np.allclose(made["p_corrected"], multipletests(made["p"].astype(float), method="fdr_bh")[1])


def test_scores_as_statsmodels(leads: pd.DataFrame) -> None:
    """Mean with its t-interval, and quartiles as numpy's."""
    made = explore.scores(leads, by="utm_source").set_index("utm_source")
    for source in leads["utm_source"].cat.categories:
        values = leads.loc[leads["utm_source"] == source, "score"].dropna().to_numpy()
        row = made.loc[source]
        assert (row["low"], row["high"]) == pytest.approx(DescrStatsW(values).tconfint_mean())
        assert [row["q25"], row["median"], row["q75"]] == pytest.approx(np.percentile(values, [25, 50, 75]))


def test_results_as_statsmodels(leads: pd.DataFrame) -> None:
    """The empirical CDF at each value; with many values 500 of them, the ends among them."""
    made, values = explore.results(leads, "score"), leads["score"].dropna()
    assert np.allclose(made["share"].astype(float), ECDF(values)(made["value"].astype(float)))
    many = pd.DataFrame({"cost": np.random.default_rng(1).normal(size=5000)})
    thin = explore.results(many, "cost")
    assert len(thin) == 500
    assert (thin["value"].iloc[0], thin["value"].iloc[-1]) == (many["cost"].min(), many["cost"].max())
    assert np.allclose(thin["share"].astype(float), ECDF(many["cost"])(thin["value"].astype(float)))


def test_a_sparse_table_is_resampled() -> None:
    """Where chi-squared's p does not hold, a resampled one is near the exact one of Freeman and Halton."""
    frame = spread({("a", "x"): 4, ("a", "y"): 1, ("b", "x"): 1, ("b", "y"): 4, ("c", "x"): 3, ("c", "y"): 2})
    made = explore.relate(frame, "one").iloc[0]
    assert made["test"] == "chi-squared, resampled"
    exact = stats.fisher_exact(np.array([[4, 1], [1, 4], [3, 2]])).pvalue
    assert made["p"] == pytest.approx(exact, abs=0.03)


def test_rare_labels_make_no_strength() -> None:
    """300 labels that occur once are no relation, though a plain V would be 1."""
    frame = pd.DataFrame({"won": [True, False] * 150, "id": pd.Categorical([f"x{n}" for n in range(300)])})
    frame["id"] = frame["id"].cat.add_categories(["much"]).where(np.arange(300) % 3 > 0, "much")
    made = explore.relate(frame, "won").iloc[0]
    assert made["effect"] < 0.15
    assert not made["finding"]
