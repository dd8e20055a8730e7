"""Pages to print: one file in the display language that runs nothing and asks nothing of any network. What is put in must be escaped already."""

import html
import pathlib

from .framework import CxError, language, say
from .spreadsheets import writing

PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body class="{classes}">
{body}
</body>
</html>
"""


def page(title, style, body, classes=""):
    """The text of a page. title : plain text. style : CSS. body : HTML, every text of strangers in it escaped. classes : of the body."""
    return PAGE.format(language=language(), title=html.escape(title), style=style, body=body, classes=classes)


def write_page(text, path):
    """Write a page; `CxError` for a path that is none of a page or cannot be written. Returns the Path."""
    path = pathlib.Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise CxError(say("planner.ending", path=path, ending=".html"))
    with writing(path):
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    return path
