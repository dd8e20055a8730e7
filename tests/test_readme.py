"""The code under "Your own file" in the README runs as it stands there, on files with the columns that it names."""

import pathlib
import re

import numpy as np
import pandas as pd
import pytest

import cxlab as cx

README = (pathlib.Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files of the README, small."""
    monkeypatch.chdir(tmp_path)
    rng, rows = np.random.default_rng(1), 120
    five = cx.load("five_questions").head(rows)
    asked = ["important_1", "important_2", "important_3", "annoys", "organisations", "recommends", "social_media"]
    answers = five[asked].astype(object).reset_index(drop=True).assign(
        likelihood=rng.integers(0, 11, rows), shop=rng.choice(["centre", "east", "west"], rows), customer=rng.integers(1, 80, rows))
    for column in ("emotional_1", "emotional_2", "emotional_3", "products", "services", "staff", "satisfaction"):
        answers[column] = rng.integers(1, 8, rows)
    answers.to_excel("answers.xlsx", index=False)
    days = pd.Timestamp("2026-01-01")
    customers = cx.load("journey_customers").head(200)
    events = cx.load("journey_events").query("customer in @customers.customer").astype({"stage": "str"})
    customers[["customer"]].assign(last_day=days + pd.to_timedelta(customers["last_day"], unit="D")).to_csv("customers.csv", index=False)
    log = pd.DataFrame({"customer": events["customer"], "day": days + pd.to_timedelta(events["day"], unit="D"), "stage": events["stage"].replace("left", "kapandı")})
    log.to_csv("log.csv", index=False)
    asked = ["customer", "email", "touchpoint", "round", "score", "comment", "complained", "consent_contact", "consent_reference"]
    cx.load("touchpoint_nps")[asked].head(300).to_csv("touchpoints.csv", index=False)
    cx.load("crm").to_csv("record.csv", index=False)
    return tmp_path


@pytest.mark.filterwarnings("ignore")
def test_the_code_of_the_readme_runs_as_it_stands(folder):
    names = {}
    for code in CODE:
        exec(compile(code, "README.md", "exec"), names)
    assert len(CODE) == 3 and len(names["table"]) and len(names["spells"]) and len(names["actions"])
    assert names["weights"].mean() == pytest.approx(1) and {"clean.csv", "actions.csv", "review"} <= {path.name for path in folder.iterdir()}
