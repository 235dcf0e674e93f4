import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_the_benchmark_of_training_prints_a_ratio_for_every_variant():
    script = [sys.executable, BENCHMARKS / "training.py", "--model", "small", "--steps", "2"]
    done = subprocess.run(script, capture_output=True, text=True, check=True)

    rows = [line for line in done.stdout.splitlines() if "±" in line and line.startswith("| ")]

    assert len(rows) == 9 + 12  # epochs, accumulating
    assert "| MeanPixel in all steps |" in done.stdout


def test_the_benchmark_of_serving_prints_a_ratio_for_every_request():
    script = [sys.executable, BENCHMARKS / "serving.py", "--runs=3", "--epochs=10", "--turns=1"]
    done = subprocess.run(script, capture_output=True, text=True, check=True)

    numbers = re.findall(r"^\|[^|]+\|( [\d.]+ \|)+$", done.stdout, re.MULTILINE)

    assert len(numbers) == 12 + 2 + 2 + 1  # requests, reload, listing, import


@pytest.mark.browser
def test_the_benchmark_of_the_page_prints_a_ratio_of_openings():
    script = [sys.executable, BENCHMARKS / "page.py", "--runs=2", "--epochs=12", "--turns=1"]
    if "CHROMIUM" in os.environ:
        script.append(f"--chromium={os.environ['CHROMIUM']}")
    done = subprocess.run(script, capture_output=True, text=True, check=True)

    assert re.search(r"^\| visible charts painted, s \|( [\d.]+ \|){3}$", done.stdout, re.MULTILINE)


def test_the_benchmark_of_diagnosis_counts_each_scenario():
    script = [sys.executable, BENCHMARKS / "diagnosis.py", "--scenario", "healthy", "--seeds=1"]
    done = subprocess.run([*script, "--healthy=0"], capture_output=True, text=True, check=True)

    assert re.search(r"^\| healthy \|", done.stdout, re.MULTILINE)
