"""Broken files through the reader: a slice here, all of it in `make soak`."""

import os
import random
from collections import Counter

import pytest

from sheetcrm.book.parse import parse
from tests.book.fixtures import changed
from tests.soak.bases import csv_bases, ours, rich, xls_stream, xlsx_bases
from tests.soak.biff import compound
from tests.soak.campaign import read_csv, read_xls, read_xlsx
from tests.soak.mutate import mutant, mutant_of_bytes, mutant_of_xls
from tests.soak.reference import cells, plain, second_reading
from tests.soak.runner import Runner
from tests.soak.scale import times

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_reference__reads_what_we_read():
    for base in xlsx_bases()[:2]:
        assert plain(parse(base, "a.xlsx")) == cells(base)
    base = compound(xls_stream())
    assert plain(parse(base, "a.xls")) == second_reading(base)


def test_xlsx__nothing_wrong_is_read(tmp_path, figure):
    tally = read_xlsx(xlsx_bases(), range(times(24_000, 150)), tmp_path)
    figure(f"xlsx {sum(tally.seen.values())}", tally)
    assert tally.wrong == []
    assert tally.seen["refused"] > tally.seen["same"] > tally.seen["told"] > 0


def test_xls__nothing_wrong_is_read(tmp_path, figure):
    tally = read_xls(range(times(6_000, 100)), tmp_path)
    figure(f"xls {sum(tally.seen.values())}", tally)
    assert tally.wrong == []
    assert tally.seen["refused"] > tally.seen["told"] > 0


def test_csv__nothing_wrong_is_read(tmp_path, figure):
    tally = read_csv(csv_bases(), range(times(6_000, 100)), tmp_path)
    figure(f"csv {sum(tally.seen.values())}", tally)
    assert tally.wrong == []
    assert min(tally.seen["refused"], tally.seen["told"]) > 0


@needs_fork
def test_commands__a_sentence_or_a_result(tmp_path, figure):
    """check, summarise and import on broken files: no traceback, and the file is not touched."""
    book = tmp_path / "台账.xlsx"
    seen: Counter[str] = Counter()
    slowest = 0.0
    with Runner() as runner:
        for number in range(times(200, 2)):
            kind = random.Random(number).choice(("xlsx", "xlsx", "xls", "csv"))
            broken = {
                "xlsx": lambda n: mutant(rich(), n).data,
                "xls": lambda n: mutant_of_xls(xls_stream(), n).data,
                "csv": lambda n: mutant_of_bytes(csv_bases()[n % 5], n).data,
            }[kind](number)
            path = tmp_path / f"坏.{kind}"
            path.write_bytes(broken)
            book.write_bytes(ours())
            for command in (
                ["check", path, "--as-of", "2026-06-30"],
                ["import", path, "--into", book],
                ["summarise", path, "--as-of", "2026-06-30", "--text"],
            ):
                ran = runner.run(*command)
                name = command[0]
                slowest = max(slowest, ran.seconds)
                assert ran.trace == "", (number, name, ran.trace)
                assert ran.code in (0, 1, 2), (number, name, ran.code)
                assert name == "summarise" or path.read_bytes() == broken, (number, name)
                seen[f"{name} {ran.code}"] += 1
            assert book.read_bytes() == ours()
    figure("commands on broken files", f"{dict(sorted(seen.items()))}；最慢 {slowest:.1f} 秒")


def test_mutant__is_made_again_by_its_number():
    assert mutant(rich(), 7) == mutant(rich(), 7)
    assert mutant(rich(), 7) != mutant(rich(), 8)
    assert changed(rich(), {}) != mutant(rich(), 7).data
