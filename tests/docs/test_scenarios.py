"""The scenarios of the demo end as they say: as recorded, and (slow) as trained here and now."""

import functools
import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from support import recordings

from tb_meanpixel import read

sys.path.insert(0, str(Path(__file__).parents[2] / "demo"))  # as `python demo/train.py` does
scenarios, train = map(importlib.import_module, ("scenarios", "train"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The run of each recording, by its scenario."""
    logs = tmp_path_factory.mktemp("recorded")
    recordings.unpack(logs)
    return {run.name: run for run in read(logs)}.__getitem__


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A function that trains a scenario, once: its run."""
    logs = tmp_path_factory.mktemp("trained")

    @functools.cache
    def train_once(name):
        train.train(scenarios.SCENARIOS[name], logs / name, verbose=0)
        [run] = read(logs / name)
        return run

    return train_once


@pytest.fixture(params=["recorded", pytest.param("trained", marks=pytest.mark.slow)])
def run(request):
    """A function: scenario -> its run."""
    return request.getfixturevalue(request.param)


def test_every_scenario_is_recorded():
    assert sorted(scenarios.SCENARIOS) == recordings.NAMES


def assert_ends_as_it_says(name, run):
    expected = scenarios.SCENARIOS[name].finding

    findings = run(name).findings()

    assert [expected] * (expected is not None) == [one.id for one in findings], findings


@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_a_recorded_scenario_ends_in_its_finding_and_a_healthy_one_in_none(name, recorded):
    assert_ends_as_it_says(name, recorded)


@pytest.mark.slow
@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_a_trained_scenario_ends_in_its_finding_and_a_healthy_one_in_none(name, trained):
    assert_ends_as_it_says(name, trained)


def test_a_mean_pixel_penalty_holds_the_brightness_that_walks_without_it(run):
    bias, cured = (
        run(name).histories[0].score("bias") for name in ("brightness", "brightness-cured")
    )

    walks = slice(scenarios.WELL_UNTIL, None)
    assert np.abs(cured[walks]).max() < 0.02
    assert bias[-1] > 3 * np.abs(cured[walks]).max()


def test_the_loss_falls_while_the_brightness_walks(run):
    loss = run("brightness").histories[0].loss

    assert loss[-1] < 0.9 * loss[scenarios.WELL_UNTIL]


def test_make_demo_shows_every_kind_of_failure_once_and_two_healthy_runs():
    findings = [scenarios.SCENARIOS[name].finding for name in scenarios.TOUR]

    assert 2 == findings.count(None)
    assert len(set(findings)) == len(findings) - 1
