import pytest

from tb_meanpixel.serving.reading.runs import owning_run, run_name, run_names


@pytest.mark.parametrize(
    "event_directory, run",
    [
        ("vae/mean_pixel", "vae"),
        ("mean_pixel", "."),
        ("a/b/mean_pixel", "a/b"),
        ("a\\b\\mean_pixel", "a/b"),  # as Windows spells it
        ("moved", "moved"),
        ("mean_pixel/moved", "mean_pixel/moved"),
    ],
)
def test_a_run_is_named_after_the_directory_above_ours(event_directory, run):
    assert run == run_name(event_directory)


@pytest.mark.parametrize(
    "event_directory, runs, owner",
    [
        ("a/train", ["a", "b"], "a"),
        ("a/b/train", ["a", "a/b"], "a/b"),
        ("a", ["a"], "a"),
        ("ab/train", ["a"], None),
        ("train", ["."], "."),
        ("a/train", [".", "a"], "a"),
        ("b/train", [".", "a"], "."),
        (".", ["."], "."),
        ("a\\train", ["a"], "a"),
        ("a/train", [], None),
    ],
)
def test_an_event_directory_belongs_to_the_innermost_run(event_directory, runs, owner):
    assert owner == owning_run(event_directory, runs)


def test_no_two_runs_have_the_same_name():
    moved_and_not = ["vae", "vae/mean_pixel", "mean_pixel"]

    assert {"vae/mean_pixel": "vae", "mean_pixel": ".", "vae": "vae/."} == run_names(moved_and_not)
