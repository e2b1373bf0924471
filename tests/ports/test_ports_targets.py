from __future__ import annotations

import os
import subprocess
import sys

import pytest

from usock_lint import ports
from usock_lint.ports import NEWEST, PORTABLE, PORTS, RELEASES, Cell, Target


def at(target: str) -> Cell:
    (cell,) = ports.cells(ports.parse_targets(target))
    return cell


def test_the_newest_release_is_the_last_one_of_the_table():
    assert (RELEASES[0], NEWEST, RELEASES[-1]) == ((1, 9, 4), (1, 29, 0), (1, 29, 0))


def test_releases_are_written_as_users_write_them():
    releases = ((1, 29, 0), (1, 19, 1), (1, 9, 4))
    assert [ports.release_name(release) for release in releases] == ["1.29", "1.19.1", "1.9.4"]


@pytest.mark.parametrize("port", PORTS)
def test_a_bare_port_is_its_newest_release(port: str):
    assert ports.cells(ports.parse_targets([port])) == {Cell(port, NEWEST)}


def test_from_a_release_on_includes_the_newest():
    found = ports.cells(ports.parse_targets(["esp32>=1.27"]))
    assert found == {Cell("esp32", release) for release in ((1, 27, 0), (1, 28, 0), (1, 29, 0))}


@pytest.mark.parametrize("word", ["esp32>=1.22", "esp32 >= v1.22", "ESP32>=1.22.0", " Esp32>= V1.22 "])
def test_spaces_case_and_v_do_not_matter(word: str):
    assert ports.parse_targets([word]) == (Target("esp32", (1, 22, 0), RELEASES[-1]),)


@pytest.mark.parametrize(("word", "known"), [("1.26.1", "1.26"), ("1.19.1", "1.19.1"), ("1.22.2", "1.22")])
def test_a_patch_release_is_the_last_known_one_not_after_it(word: str, known: str):
    assert at(f"esp32=={word}") == at(f"esp32=={known}")


def test_a_range_begins_when_the_port_gets_sockets():
    assert min(ports.cells(ports.parse_targets(["rp2>=1.12"]))) == Cell("rp2", (1, 18, 0))


def test_words_keep_their_order_and_repeat_nothing():
    targets = ports.parse_targets(["rp2, esp32>=1.22,rp2", "portable"])
    assert list(map(str, targets)) == ["rp2", "esp32>=1.22", "docs", "esp32", "esp8266", "stm32"]


def test_aliases_stand_for_their_ports():
    assert ports.parse_targets("portable") == PORTABLE
    assert list(map(str, PORTABLE)) == ["docs", "esp32", "esp8266", "rp2", "stm32"]
    assert list(map(str, ports.parse_targets("all"))) == list(PORTS)


BAD_WORDS = {
    "esp23": "unknown port 'esp23' (did you mean 'esp32'?); the ports are docs, unix, esp32, esp8266, rp2",
    "portabel": "did you mean 'portable'?",
    "esp32<=1.22": "unknown operator '<=' in 'esp32<=1.22': write == or >=",
    "esp32=1.22": "unknown operator '='",
    "esp32==": "unknown release ''",
    "esp32==1.92": "unknown release '1.92' for 'esp32' (did you mean '1.29'?)",
    "esp32==1.8": "the releases are 1.9.4, 1.10,",
    "esp32>=1.30": "1.28 and 1.29",
    "rp2==1.12": "rp2 has sockets since 1.18 only",
    "docs>=1.22": "docs takes no release",
    "portable==1.22": "portable takes no release",
    "rp2 1.24": "'rp2 1.24' is no target",
    "rp2,": "'' is no target",
}


@pytest.mark.parametrize(("word", "says"), BAD_WORDS.items())
def test_a_bad_word_is_told_in_one_line(word: str, says: str):
    with pytest.raises(ports.TargetError) as caught:
        ports.parse_targets([word])
    assert says in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("word", ["rp2", "esp32>=1.22", "esp32==1.24", "esp32==1.28"])
def test_a_target_that_nobody_wrote_writes_itself(word: str):
    (target,) = ports.parse_targets([word])
    assert str(Target(target.port, target.since, target.until)) == word


def test_cells_are_described_in_the_user_s_words_and_order():
    targets = ports.parse_targets(["rp2", "esp32>=v1.22", "unix==1.26.1", "samd"])
    found = {at("unix==1.26"), at("esp32==1.23"), at("rp2")}
    assert ports.describe(found, targets) == ("rp2", "esp32>=1.22", "unix==1.26.1")
    assert ports.describe({at("esp32==1.21")}, targets) == ()


def test_the_default_targets_cost_no_facts():
    code = "import sys, usock_lint.ports as p; p.cells(p.PORTABLE); sys.exit('json' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
