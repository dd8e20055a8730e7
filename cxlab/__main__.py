"""The `cxlab` command: `check` looks the set-up over, `report FILE` turns a survey file into a page, `handouts` writes pages to print.

Exit codes: 0 done; 1 something failed; 2 the command or the file cannot be used, and nothing was written.
"""

import argparse
import sys

from . import framework
from .framework import CxError, say


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):
        super().add_usage(usage, actions, groups, say("main.usage") if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """argparse speaks English only: its own sentence is replaced by ours, which shows the way to write the command."""

    def error(self, message):
        command = next((word for word in self.given if word in COMMANDS), "report")
        self.exit(2, say("main.not_understood", given=" ".join(self.given), usage=self.format_usage(), command=command) + "\n")


def main(arguments=None):
    """Run the command. arguments : as on the command line, without the program's name. Returns the exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    framework.use_language(_language(arguments))
    chosen = _parser(arguments).parse_args(arguments)
    framework.use_language(chosen.lang)
    try:
        return COMMANDS[chosen.command](chosen)
    except CxError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(say("main.stopped"), file=sys.stderr)
        return 1
    except Exception as error:  # whatever else went wrong: one kind sentence and the reason, no trail of calls
        print(say("main.failed", kind=type(error).__name__, reason=_last_line(error)), file=sys.stderr)
        return 1


def _language(arguments):
    """The language asked for, before the arguments are read, so that help and errors come in it too."""
    for k, word in enumerate(arguments):
        value = word.partition("=")[2] if word.startswith("--lang=") else arguments[k + 1] if word == "--lang" and k + 1 < len(arguments) else None
        if value in framework.LANGUAGES:
            return value
    return "en"


def _parser(given):
    _Parser.given = given
    plain = {"formatter_class": _Formatter, "add_help": False, "allow_abbrev": False}
    parser = _Parser(prog="cxlab", description=say("main.about"), **plain)
    _options(parser)
    commands = parser.add_subparsers(dest="command", required=True, title=say("main.commands"), metavar=" | ".join(COMMANDS))
    options = {}
    for name in COMMANDS:
        command = commands.add_parser(name, help=say(f"main.{name}"), description=say(f"main.{name}"), **plain)
        if name == "report":
            command.add_argument_group(say("main.input")).add_argument("file", nargs="?", metavar="FILE", help=say("main.file"))
        options[name] = _options(command)
    options["handouts"].add_argument("--out", default="handouts", metavar="FOLDER", help=say("main.out_folder"))
    options["report"].add_argument("--out", default="report.html", metavar="PAGE.html", help=say("main.out"))
    for name, shown in (("columns", "MAP.toml"), ("source", "SOURCE"), ("encoding", "ENCODING"), ("separator", "SEPARATOR")):
        options["report"].add_argument(f"--{name}", metavar=shown, help=say(f"main.{name}"))
    return parser


def _options(parser):
    options = parser.add_argument_group(say("main.options"))
    options.add_argument("-h", "--help", action="help", help=say("main.help"))
    options.add_argument("--lang", choices=framework.LANGUAGES, default=framework.language(), help=say("main.lang"))
    return options


def _check(chosen):
    from .setup_check import check_setup

    table = check_setup()
    wide = table["check"].str.len().max()
    for row in table.itertuples(index=False):
        print(f"{row.status:<9} {row.check:<{wide}}  {row.found}" + (f"\n{'':<10}{row.what_to_do}" if row.what_to_do else ""))
    return int((table["status"] == "FAIL").any())


def _report(chosen):
    from .report_page import write_report

    separator = {"\\t": "\t", "tab": "\t"}.get(chosen.separator, chosen.separator)
    for path in write_report(chosen.file, chosen.out, chosen.lang, chosen.columns, chosen.source, chosen.encoding, separator):
        print(path)
    return 0


def _handouts(chosen):
    from .handouts import write_handouts

    index, *pages = write_handouts(chosen.out, chosen.lang)
    print(say("main.handouts_written", n=len(pages), index=index))
    return 0


def _last_line(error):
    lines = [line for line in str(getattr(error, "evalue", error)).splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


COMMANDS = {"check": _check, "report": _report, "handouts": _handouts}

if __name__ == "__main__":
    sys.exit(main())
