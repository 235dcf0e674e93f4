import pytest

from tb_meanpixel.findings.onset import Band
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds
from tb_meanpixel.findings.thresholds_file import load_thresholds


@pytest.fixture
def load(tmp_path):
    path = tmp_path / "levels.toml"

    def write_and_load(text):
        path.write_text(text, encoding="utf-8")
        return load_thresholds(path)

    return write_and_load


def test_levels_that_are_not_named_keep_their_defaults(load):
    assert DEFAULT == load("")
    assert Thresholds(bias=0.05, lasting=5) == load("bias = 0.05\nlasting = 5\n")


def test_the_band_is_a_table(load):
    assert Thresholds(band=Band(alarm=10.0, window=7)) == load("[band]\nalarm = 10.0\nwindow = 7\n")


def test_a_level_may_be_a_whole_number_but_a_count_may_be_nothing_else(load):
    assert 1 == load("bias = 1").bias
    for text in ("lasting = 2.5", "lasting = 0", "lasting = -3", "[band]\nwindow = 1.5"):
        with pytest.raises(ValueError, match=r"(lasting|band\.window) must be a whole number"):
            load(text)


@pytest.mark.parametrize("value", ['"high"', "true", "nan", "inf", "[1]", "2026-01-01"])
def test_what_is_no_number_is_named(load, value):
    with pytest.raises(ValueError, match=r"levels\.toml: bias must be a number.*lasting, settled"):
        load(f"bias = {value}")


@pytest.mark.parametrize(
    "text, key, known",
    [
        ("biass = 0.1", "'biass'", "bias, color_cast"),
        ("[band]\nslak = 1.0", r"'band\.slak'", "slack, slack_long"),
        ("__class__ = 1", "'__class__'", "bias, color_cast"),
        ("[thresholds]\nbias = 0.1", "'thresholds'", "bias, color_cast"),
    ],
)
def test_unknown_keys_are_named_and_the_known_ones_listed(load, text, key, known):
    with pytest.raises(ValueError, match=f"no threshold {key}.*{known}"):
        load(text)


def test_a_band_that_is_no_table_is_told(load):
    with pytest.raises(ValueError, match=r"band must be a table.*slack"):
        load("band = 3")


def test_a_file_that_is_no_toml_is_named(load, tmp_path):
    with pytest.raises(ValueError, match=r"levels\.toml is no TOML file"):
        load("bias: 0.1")
    (tmp_path / "latin.toml").write_bytes(b"# \xe4\n")
    with pytest.raises(ValueError, match=r"latin\.toml is no TOML file"):
        load_thresholds(tmp_path / "latin.toml")


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_thresholds(tmp_path / "missing.toml")
