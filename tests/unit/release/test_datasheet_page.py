#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""datasheet.html as a browser and a screen reader meet it: well formed, alone, without
scripts, with headings, labels and captions in place and colours that can be told apart."""
import base64
import hashlib
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

HERE = Path(__file__).resolve().parent
VOID = {"meta", "br", "rect", "path"}  # the last two close themselves in SVG

# Text and marks against what they stand on, by names of the style sheet, and the least
# contrast: 4.5 for text, 3 for marks (WCAG 2.2, 1.4.3 and 1.4.11).
PAIRS = [("ink", "paper", 4.5), ("soft", "paper", 4.5), ("mark", "paper", 4.5),
         ("ink", "panel", 4.5), ("soft", "panel", 4.5), ("mark", "panel", 4.5),
         ("warn", "warn-panel", 4.5), ("ink", "warn-panel", 4.5), ("warn", "paper", 3),
         ("line", "paper", 3), ("bar", "paper", 3), ("bar", "panel", 3), ("ink", "bar", 3)]


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.wrong, self.open, self.ids, self.wanted, self.levels = [], [], [], [], []
        self.style = ""
        self.policy = None
        self.captions = 0
        self.tables = 0
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in a:
            self.ids.append(a["id"])
        self.wanted += a.get("aria-labelledby", "").split()
        if a.get("href", "#")[0] != "#" or "src" in a or "srcset" in a:
            self.wrong.append(f"<{tag}> leads elsewhere")
        if tag in {"script", "link", "iframe", "object", "embed", "base", "form"}:
            self.wrong.append(f"<{tag}>")
        if "style" in a or any(name.startswith("on") for name in a):
            self.wrong.append(f"<{tag}> has a style or a handler of its own")
        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy":
            self.policy = a["content"]
        if tag == "html" and a.get("lang") != "en":
            self.wrong.append("no language")
        if tag == "th" and a.get("scope") not in ("col", "row"):
            self.wrong.append("a header cell without scope")
        if tag == "svg" and a.get("role") != "img":
            self.wrong.append("a picture that is not said to be one")
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> out of place at {self.getpos()}")

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data


def luminance(colour):
    colour = colour if len(colour) == 6 else "".join(2 * c for c in colour)
    parts = [int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_colours(style):
    schemes = [dict(re.findall(r"--([\w-]+):#([0-9a-f]{3,6})", block))
               for block in re.findall(r":root\{([^}]*)\}", style)]
    wrong = [] if len(schemes) == 3 else ["not three schemes: light, dark, print"]
    for n, scheme in enumerate(schemes):
        scheme = {**schemes[0], **scheme}
        for text, ground, least in PAIRS:
            found = contrast(scheme[text], scheme[ground])
            if found < least:
                wrong.append(f"scheme {n}: {text} on {ground} has {found:.2f} to 1")
    for name, ground, text in re.findall(
            r"\.(h\d+)\{background:#(\w+);color:#(\w+)\}", style):
        if contrast(ground, text) < 4.5:
            wrong.append(f"cells of class {name}")
    return wrong


def check(text):
    page = Page(text)
    wrong = page.wrong
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    if page.policy is None or f"style-src 'sha256-{digest}'" not in page.policy:
        wrong.append("the policy does not allow this style sheet")
    if page.policy is None or not page.policy.startswith("default-src 'none';"):
        wrong.append("the policy allows more than nothing")
    wrong += [f"id {i} twice" for i in set(page.ids) if page.ids.count(i) > 1]
    wrong += [f"label {i} is missing" for i in page.wanted if i not in page.ids]
    if page.tables != page.captions:
        wrong.append("a table without a caption")
    if page.levels[:1] != [1] or page.levels.count(1) != 1:
        wrong.append("not one heading of the first level, in front")
    wrong += [f"a heading of level {b} below one of {a}"
              for a, b in zip(page.levels, page.levels[1:]) if b > a + 1]
    if re.search(r"https?:|url\((?!#)|@import|javascript:", text):
        wrong.append("something to load")
    return wrong + check_colours(page.style)


# What spoils the page, and must be found.
SPOILT = {
    "a script": ("</main>", "<script>1</script></main>"),
    "a picture from elsewhere": ("</main>", "<img src='x'></main>"),
    "a tag that is not closed": ("</main>", "<p></main>"),
    "a header cell without scope": ('<th scope="row"', "<th"),
    "a heading of level 4 below 2": ("<h3", "<h4"),
    "a style sheet changed": ("--soft:#54575e", "--soft:#54575f"),
    "pale text": ("--soft:#54575e", "--soft:#9a9da4"),
    "a label lost": ('id="claim-h"', 'id="claim-x"'),
}


def main():
    text = (HERE / "expected" / "datasheet.html").read_text(encoding="utf-8")
    failures = check(text)
    for name, (old, new) in SPOILT.items():
        if old not in text or not check(text.replace(old, new, 1)):
            failures.append(f"{name} is not found")
    for line in failures:
        print(f"not ok - {line}")
    print(f"{1 + len(SPOILT) - len(failures)} passed, {len(failures)} failed, 0 skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
