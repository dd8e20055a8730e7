"""The models that lessons call straight from statsmodels give R's numbers (tests/reference/models.R): nothing of them is written again here."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.miscmodels.ordinal_model import OrderedModel

import cxlab as cx
from conftest import ROOT

SCORES = cx.framework.keys("components")
R = pd.read_csv(ROOT / "tests/reference/models.csv").set_index("name")["value"]


def of(name):
    """The numbers that R put under a name, in their order."""
    found = R[R.index.str.fullmatch(rf"{name}\.\d+".replace(".", r"\.", name.count(".")))]
    return found.iloc[np.argsort([int(label.rsplit(".", 1)[1]) for label in found.index])].to_numpy()


@pytest.fixture(scope="module")
def tenants():
    counted = cx.load("copenhagen_housing")
    return counted.loc[counted.index.repeat(counted["tenants"])].reset_index(drop=True)


@pytest.fixture(scope="module")
def experiences():
    table = cx.load("experiences")
    for key in SCORES:
        table[key] = cx.scale_score(table[[f"{key}_{k}" for k in range(1, 5)]], 1, 7, ["emotional_3"] if key == "emotional" else [])
    return table.dropna(subset=SCORES).astype(dict.fromkeys(SCORES, float)).reset_index(drop=True)


def ordered(formula, data, gtol=1e-6, **how):
    model = OrderedModel.from_formula(formula, data, distr="logit")
    return model, model.fit(method="bfgs", disp=False, gtol=gtol, maxiter=500, **how)


def test_copenhagen_is_that_of_r(tenants):
    model, fit = ordered("satisfaction ~ influence + housing + contact", tenants, gtol=1e-9)
    cuts = model.transform_threshold_params(fit.params.to_numpy())[1:-1]
    assert [*fit.params.iloc[:6], *cuts, fit.llf] == pytest.approx(of("housing"), abs=1e-6)
    assert fit.bse.iloc[:6].to_numpy() == pytest.approx(of("housing.se")[:6], abs=1e-5)
    published = [0.5663937, 1.2888191, -0.5723501, -0.3661866, -1.0910149, 0.3602841, -0.4961353, 0.6907083, -1739.57465]  # MASS::polr
    assert of("housing") == pytest.approx(published, abs=2e-5)


def test_copenhagen_without_order_is_that_of_r(tenants):
    x = sm.add_constant(pd.get_dummies(tenants[["influence", "housing", "contact"]], drop_first=True).astype(float))
    fit = sm.MNLogit(tenants["satisfaction"].cat.codes, x).fit(disp=False)
    assert [*fit.params.to_numpy().T.ravel(), -2 * fit.llf] == pytest.approx(of("housing.multinomial"), abs=1e-6)


def test_satisfaction_with_plain_and_clustered_errors_is_that_of_r(experiences):
    table = experiences.assign(satisfaction=pd.Categorical(experiences["satisfaction"].astype(int), ordered=True))
    assert len(table) == of("experiences.n")[0]
    model, plain = ordered("satisfaction ~ functional + accessible + emotional", table)
    cuts = model.transform_threshold_params(plain.params.to_numpy())[1:-1]
    assert [*plain.params.iloc[:3], *cuts, plain.llf] == pytest.approx(of("satisfaction"), abs=1e-4)
    assert plain.bse.iloc[:3].to_numpy() == pytest.approx(of("satisfaction.se")[:3], abs=1e-5)
    _, clustered = ordered("satisfaction ~ functional + accessible + emotional", table, cov_type="cluster", cov_kwds={"groups": table["customer"].to_numpy()})
    assert clustered.bse.iloc[:3].to_numpy() == pytest.approx(of("satisfaction.clustered")[:3], abs=1e-5)  # sandwich::vcovCL(type = "HC1")


def test_three_memories_are_those_of_r_and_their_clustered_errors_are_the_sandwich(experiences):
    y = pd.Categorical(experiences["memory"], ["nothing", "very_good", "very_bad"]).codes
    x = sm.add_constant(experiences[SCORES])
    plain = sm.MNLogit(y, x).fit(disp=False)
    assert [*plain.params.to_numpy().T.ravel(), -2 * plain.llf] == pytest.approx(of("memory"), abs=1e-5)
    assert plain.bse.to_numpy().T.ravel() == pytest.approx(of("memory.se"), abs=1e-5)
    clustered = sm.MNLogit(y, x).fit(disp=False, cov_type="cluster", cov_kwds={"groups": experiences["customer"].to_numpy()})
    p = plain.predict().reshape(len(y), 3)
    scores = np.hstack([((y == k) - p[:, k])[:, None] * x.to_numpy() for k in (1, 2)])
    sums = pd.DataFrame(scores).groupby(experiences["customer"].to_numpy()).sum().to_numpy()
    bread, groups, (n, k) = plain.cov_params().to_numpy(), len(sums), scores.shape
    by_hand = bread @ (sums.T @ sums) @ bread * groups / (groups - 1) * (n - 1) / (n - k)
    assert clustered.bse.to_numpy().T.ravel() == pytest.approx(np.sqrt(np.diag(by_hand)), rel=1e-5)


def test_employees_in_shops_are_those_of_r(experiences):
    fit = smf.mixedlm("emotional ~ 1", experiences, groups="shop", re_formula="1", vc_formula={"employee": "0 + C(employee)"}).fit(method=["cg"])
    expected = of("mixed")  # intercept; variances of employees, shops, the rest; se; REML log-likelihood
    found = [fit.fe_params.iloc[0], fit.vcomp[0], fit.cov_re.iloc[0, 0], fit.scale, fit.bse_fe.iloc[0], fit.llf]
    assert found == pytest.approx(expected, abs=5e-5)
