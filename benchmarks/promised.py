"""How a benchmark hands what it measured to `run_all.py`, beside printing it: rows in the file that CXLAB_BENCHMARK_ROWS names (if it does)."""

import json
import os


def tell(what, value=None, unit="s", ratio=None, peer="", at_most=None, at_least=None, promised=None, held=None, missing=None):
    """Hands over one row. A bound is one of the ratio if there is a ratio, else one of the value.

    what : was done, and to how much. value, unit : what was measured. ratio, peer : for example 2.4 and "× the time of a bincount".
    at_most, at_least : the bound that was promised. promised, held : instead of a number, in words, and whether it is so.
    missing : the peer that is not installed, so that nothing could be compared.
    """
    if file := os.environ.get("CXLAB_BENCHMARK_ROWS"):
        row = {"what": what, "value": value, "unit": unit, "ratio": ratio, "peer": peer, "at_most": at_most, "at_least": at_least,
               "promised": promised, "held": held, "missing": missing}
        with open(file, "a", encoding="utf-8") as rows:
            rows.write(json.dumps(row, default=float) + "\n")
