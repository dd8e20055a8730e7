"""How long `read_survey` takes for large files, as a multiple of `pandas.read_csv`: `python benchmarks/exports.py [megabytes]`.

Makes an export of about 200 MB in the shape of Qualtrics (three header rows, ids, times, choices, several choices, free text), reads it in
a process of its own and prints seconds, MB/s and the highest memory, and the same for a plain `pandas.read_csv`. Then files of 2 GB that are one
line (zero bytes; letters; an answer whose quotation mark is never closed): they must be refused quickly, whatever the memory of the machine.
"""

import pathlib
import subprocess
import sys
import tempfile

from promised import tell

MEGABYTES = int((sys.argv[1:] or ["200"])[0])
RUN = """
import resource, sys, time
start = time.perf_counter()
{load}
ready = time.perf_counter()
try:
    said = {call}
except ValueError as error:
    said = "refused: " + str(error)[:100]
print(f"{{time.perf_counter() - ready:.2f}}|{{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}}|{{said}}")
"""
KIT = {"load": "import cxlab", "call": "str(cxlab.read_survey(sys.argv[1]).counts.to_dict())"}
PANDAS = {"load": "import pandas", "call": "str(pandas.read_csv(sys.argv[1], skiprows=[1, 2]).shape)"}
HEAD = (
    "StartDate,Status,Progress,Finished,ResponseId,Q1,Q2,Q3,Q4\r\n"
    "Start Date,Response Type,Progress,Finished,Response ID,How likely?,Which channels?,How often?,Why?\r\n"
    + ",".join(f'"{{""ImportId"":""{name}""}}"' for name in "startDate status progress finished _recordId QID1 QID2 QID3 QID4_TEXT".split()) + "\r\n"
)
CHANNELS = ["Phone", '"Phone,E-mail"', "E-mail", '"Shop, kiosk"', '"Phone,Shop, kiosk"']
WORDS = "quick friendly dear waited phone nobody answered clean open honest twice again".split()


def write_survey(path, size):
    """Lines until the file is large enough; every answer id and every text of its own."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(HEAD)
        k = 0
        while file.tell() < size:
            lines = []
            for _ in range(20_000):
                k += 1
                said = " ".join(WORDS[(k * step) % 12] for step in (1, 5, 7, 11, 13, 17)) + f" {k}"
                when = f"2024-{1 + k % 12:02}-{1 + k % 28:02} {k % 24:02}:{k % 60:02}:09"
                lines.append(f"{when},IP Address,100,True,R_{k:015d},{k * 7 % 11},{CHANNELS[k % 5]},"
                             f"{('Daily', 'Weekly', 'Never')[k % 3]},\"{said}, and\r\n{WORDS[k % 12]}\"\r\n")
            file.write("".join(lines))


def write_line(path, filling, size=2_000_000_000):
    """One line of 2 GB; zero bytes take no room on the disk."""
    with open(path, "wb") as file:
        file.write(b"age,why\n31,slow\n" + (b'32,"' if filling == b'"' else b""))
        if filling == b"\0":
            file.truncate(size)
        else:
            piece = (b"a, b " if filling == b"," else b"x" * 5) * 200_000
            while file.tell() < size:
                file.write(piece)


def measure(program, path):
    """(seconds without the imports, highest MB of memory, what came out)."""
    done = subprocess.run([sys.executable, "-c", RUN.format(**program), str(path)], check=True, capture_output=True, text=True)
    seconds, memory, said = done.stdout.strip().split("|", 2)
    return float(seconds), float(memory), said


def report(label, path, program):
    seconds, memory, said = measure(program, path)
    size = path.stat().st_size / 1e6
    print(f"{label:<34} {size:>6.0f} MB {seconds:>7.2f} s {size / seconds:>7.0f} MB/s {memory:>6.0f} MB memory   {said}", flush=True)
    return seconds, said


with tempfile.TemporaryDirectory() as folder:
    survey = pathlib.Path(folder, "answers.csv")
    write_survey(survey, MEGABYTES * 1_000_000)
    kit, plain = report("read_survey", survey, KIT)[0], report("pandas.read_csv", survey, PANDAS)[0]
    tell(f"an export of {MEGABYTES} MB read", kit, ratio=kit / plain, peer="× the time of `pandas.read_csv`")
    print(f"ratio {kit / plain:.1f}", flush=True)
    survey.unlink()
    lines = {"one line of zero bytes": b"\0", "one line of letters": b"x", "one line of cells": b",", "a quotation mark never closed": b'"'}
    for label, filling in lines.items():
        path = pathlib.Path(folder, "line.csv")
        write_line(path, filling)
        seconds, said = report(label, path, KIT)
        tell(f"2 GB, {label}", seconds, promised="refused", held=said.startswith("refused"))
        path.unlink()
