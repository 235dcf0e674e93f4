from dataclasses import fields

import pytest

from tb_meanpixel.findings.onset import Band
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds
from tb_meanpixel.findings.thresholds_file import load_thresholds


def load(tmp_path, text):
    path = tmp_path / "mean_pixel.toml"
    path.write_text(text, encoding="utf-8")
    return load_thresholds(path)


def test_what_a_file_leaves_out_has_its_default(tmp_path):
    text = "bias = 0.05\nlasting = 5\ncontrast = 1  # as a float\n[band]\nalarm = 10"

    expected = Thresholds(bias=0.05, lasting=5, contrast=1.0, band=Band(alarm=10.0))
    assert expected == load(tmp_path, text)
    assert DEFAULT == load(tmp_path, "")


def test_every_threshold_can_be_set(tmp_path):
    levels = {f.name: getattr(DEFAULT, f.name) for f in fields(DEFAULT) if f.name != "band"}
    text = "\n".join(f"{name} = {level}" for name, level in levels.items())

    assert DEFAULT == load(tmp_path, text)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("biass = 0.05", "there is no threshold 'biass'; there are lasting, settled,"),
        ("[band]\nx = 1", "there is no threshold 'band.x'; there are band.slack,"),
        ("bias = '0.05'", "bias must be a number; got '0.05'"),
        ("bias = true", "bias must be a number; got True"),
        ("bias = nan", "bias must be a number; got nan"),
        ("lasting = 2.5", "lasting must be a whole number; got 2.5"),
        ("band = 3", "band must be a table, [band]; got 3"),
        ("bias: 0.05", "mean_pixel.toml is no TOML file: "),
    ],
)
def test_what_means_nothing_is_refused_by_name(tmp_path, text, expected):
    with pytest.raises(ValueError, match="mean_pixel.toml") as raised:
        load(tmp_path, text)

    assert expected in str(raised.value)
