"""The examples in the docstrings of the installed package give what they say."""

import doctest
import importlib.util
import pkgutil

import pytest

import tb_meanpixel

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(tb_meanpixel.__path__, "tb_meanpixel.")
    if not module.name.endswith(("__main__", "_pb2"))
    # It is imported with Lightning alone, which is no part of the usual environment.
    if module.name != "tb_meanpixel.integrations.lightning" or importlib.util.find_spec("lightning")
)


def examples(name):
    return doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name, capsys):
    runner = doctest.DocTestRunner()
    for example in examples(name):
        runner.run(example)

    assert 0 == runner.failures, capsys.readouterr().out


def test_examples_are_found():
    assert sum(len(test.examples) for name in MODULES for test in examples(name)) >= 30
