import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).with_name("benchmarks")


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
