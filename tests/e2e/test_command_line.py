"""What the command line prints leads to the page: the run, the stream and the step of a finding."""

import json
import re

import pytest
from support.browser import Tab
from support.command_runs import collapses_at_12, good, write
from support.servers import COMPLETE

from tb_meanpixel.command_line.cli import main

pytestmark = pytest.mark.browser


def test_the_address_of_a_finding_shows_where_it_began(tmp_path, start_board, chromium, capsys):
    name = "a b&c=1/ü"
    write(tmp_path / name, collapses_at_12)
    write(tmp_path / "good", good)
    board = start_board(tmp_path, *COMPLETE)
    board.wait_for(lambda runs: len(runs) == 2)
    assert 0 == main(["report", str(tmp_path), "--run", name, "--json", "--url", board.url])
    [run] = json.loads(capsys.readouterr().out)["runs"]
    [finding] = run["findings"]

    tab = Tab(chromium.new_page())
    tab.page.goto(finding["url"])
    tab.wait_for_text("h1", name)
    tab.frame.locator(".player", has_text=re.compile(r"step 12\b")).wait_for()
    tab.wait_for_text(".finding", "Collapse since step 12")
    assert [] == tab.uncaught
    tab.page.close()
