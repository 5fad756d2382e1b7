"""`sampark roll generate`: the file it writes and what it says about it."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

from api.cli.roll import roll
from services.domain.roll.sheet import FIELDS, HEADINGS


def generate(*arguments):
    return CliRunner().invoke(roll, ["generate", "--rows", "1000", *map(str, arguments)])


def read(path, *, encoding="utf-8", delimiter=","):
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def test_a_csv_in_utf_8_with_hindi_headings_by_default(tmp_path):
    result = generate("--out", tmp_path / "roll.csv")
    lines = read(tmp_path / "roll.csv")
    assert result.exit_code == 0
    assert tuple(lines[0]) == HEADINGS["hi"]
    assert len(lines) == 1001


def test_the_same_order_writes_the_same_bytes(tmp_path):
    for name in ("one.csv", "two.csv"):
        generate("--mess", 0.2, "--seed", 5, "--out", tmp_path / name)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "encoding", "delimiter", "first_bytes"),
    [
        ("--headers fields --delimiter tab", "utf-8", "\t", b"ac_no\t"),
        ("--headers en --delimiter semicolon --encoding utf-8-sig", "utf-8-sig", ";", b"\xef\xbb\xbfAC No;"),
        ("--encoding utf-16", "utf-16", ",", b"\xff\xfe"),
    ],
)
def test_other_encodings_delimiters_and_headings(tmp_path, arguments, encoding, delimiter, first_bytes):
    path = tmp_path / "roll.csv"
    assert generate(*arguments.split(), "--out", path).exit_code == 0
    assert path.read_bytes().startswith(first_bytes)
    assert {len(line) for line in read(path, encoding=encoding, delimiter=delimiter)} == {len(FIELDS)}


def test_a_tsv_is_parted_by_tabs(tmp_path):
    assert generate("--out", tmp_path / "roll.tsv").exit_code == 0
    assert len(read(tmp_path / "roll.tsv", delimiter="\t")[0]) == len(FIELDS)


def test_the_summary_as_json_tells_people_and_mess(tmp_path):
    result = generate("--mess", 0.1, "--json", "--out", tmp_path / "roll.csv")
    summary = json.loads(result.output)
    assert (summary["rows"], summary["spoilt"]) == (1000, 100)
    assert sum(summary["constituencies"].values()) == 1000
    assert sum(summary["spoilt_by_kind"].values()) == 100


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "roll.xlsx"], "cannot write .xlsx"),
        (["--out", "roll"], "only .csv and .tsv"),
        (["--rows", 997_634, "--out", "roll.csv"], "fewer people"),
        (["--mess", 1.5, "--out", "roll.csv"], "--mess"),
        ([], "--out"),
    ],
)
def test_what_cannot_be_written_is_refused_and_no_file_is_left(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    result = generate(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert not list(tmp_path.iterdir())
