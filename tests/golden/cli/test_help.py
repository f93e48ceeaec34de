#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Help, versions, completions and man pages say what the parser accepts."""
import re
import subprocess
import shutil

from harness import SOURCE, Skip, case, expect, main

COMMANDS = ["synth", "fit", "sample", "plan", "inspect", "release", "verify", "refit", "simulate", "report",
            "schema check", "schema draft", "schema import", "schema encode", "key new", "key show",
            *(f"ledger {word}" for word in (
                "quickstart", "init", "grant", "approve", "status", "log", "verify",
                "prove", "cosign", "rotate", "revoke", "recover", "close", "notice",
                "data", "disclose"))]
OPTION = re.compile(r"^ {2,6}(?:-(\w), )?--([\w-]+)(?:=(\S+))?(?: +(.*))?$")


def options(help_text):
    """name -> (letter, argument, explanation) from a help text."""
    found, name = {}, None
    for line in help_text.splitlines():
        match = OPTION.match(line)
        if match:
            letter, name, argument, text = match.groups()
            found[name] = [letter, argument, text or ""]
        elif name and line.startswith(" " * 20):
            found[name][2] = (found[name][2] + " " + line.strip()).strip()
        else:
            name = None
    return found


def file_name(command):
    return command.replace(" ", "-")


def help_of(tool, command):
    return tool.succeeds(*command.split(), "--help").out


@case("without arguments the tool prints its commands")
def _(tool):
    result = tool.succeeds()
    tool.golden("help.out", result.out)
    expect(result.err == "", "nothing on stderr")
    expect(tool.succeeds("--help").out == result.out, "--help prints the same")
    expect(tool.succeeds("help").out == result.out, "so does help")


@case("a family without a second word prints its commands")
def _(tool):
    for family in "schema", "key", "ledger":
        tool.golden(f"help-{family}.out", tool.succeeds(family).out)


def golden_help(command):
    @case(f"help of {command}")
    def _(tool):
        text = help_of(tool, command)
        tool.golden(f"help-{file_name(command)}.out", text)
        expect(tool.succeeds("help", *command.split()).out == text, "help COMMAND")
        expect(tool.succeeds("--help", *command.split()).out == text, "--help COMMAND")
        expect(tool.succeeds(*command.split(), "-h").out == text, "-h")
        expect(all(len(line) < 80 for line in text.splitlines()), "fits 79 columns")


@case("help comes before complaints about what follows it")
def _(tool):
    expect(tool.succeeds("synth", "--help", "--nonsense").out == help_of(tool, "synth"),
           "--help ends the parsing")


@case("the version, with and without a command and as JSON")
def _(tool):
    text = tool.succeeds("--version").out
    tool.golden("version.out", text)
    expect(tool.succeeds("plan", "--version").out == text, "plan --version")
    expect(tool.succeeds("-V").out == text, "-V")
    tool.golden("version-json.out", tool.succeeds("--version", "--json").out)


def golden_completion(shell, name):
    @case(f"the installed {shell} completion is what the option tables give")
    def _(tool):
        text = tool.succeeds("completion", shell).out
        path = SOURCE / "src" / "cli" / "completions" / name
        if tool.update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        expect(path.exists() and path.read_text() == text,
               f"{path.name} differs (--update writes it anew)")
        if not shutil.which(shell):
            raise Skip(f"{shell} is not installed, its syntax is not checked")
        check = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True)
        expect(check.returncode == 0, check.stderr)


@case("bash completes commands, options and the words of a choice")
def _(tool):
    script = SOURCE / "src" / "cli" / "completions" / "silhouette.bash"

    def complete(*words):
        line = (f". {script}; COMP_WORDS=({' '.join(words)}); "
                f"COMP_CWORD={len(words) - 1}; compopt() {{ :; }}; _silhouette; "
                "echo \"${COMPREPLY[@]}\"")
        return subprocess.run(["bash", "-c", line], capture_output=True, text=True,
                              check=True).stdout.split()

    expect(complete("silhouette", "s") == ["synth", "sample", "simulate", "schema"],
           "commands")
    expect(complete("silhouette", "schema", "e") == ["encode"], "second words")
    expect(complete("silhouette", "synth", "--max") ==
           ["--max-cells=", "--max-model-mb="], "options")
    expect(complete("silhouette", "schema", "draft", "--l") == ["--look"], "flags")
    expect(complete("silhouette", "fit", "--mechanism", "=", "ms") == ["mst"], "choices")
    expect(complete("silhouette", "fit", "--neighbours", "r") == ["replace-one"],
           "choices after a blank")


def roff_text(text):
    """What a reader sees of roff, on one line."""
    text = re.sub(r"\\f[BIRP]|\\&", "", text)
    text = text.replace("\\-", "-").replace("\\(aq", "'").replace("\\(ga", "`")
    text = text.replace("\\e", "\\")
    lines = [re.sub(r"^\.[A-Z]+ ?", "", line) for line in text.splitlines()]
    return re.sub(r"\s+", " ", " ".join(lines).replace('"', ""))


def roff_options(text):
    """name -> (letter, argument, explanation) from the OPTIONS of a man page."""
    section = text.split(".SH OPTIONS", 1)[1].split(".SH ", 1)[0]
    found = {}
    for part in section.split(".TP\n")[1:]:
        tag, _, rest = part.partition("\n")
        rest = re.split(r"^\.SS ", rest, flags=re.M)[0]
        tag = roff_text(tag)
        match = re.fullmatch(r"(?:-(\w), )?--([\w-]+)(?:=(\S+))?", tag.strip())
        expect(match, f"cannot read the option {tag!r}")
        letter, name, argument = match.groups()
        found[name] = [letter, argument, roff_text(rest).strip()]
    return found


def man_page(command):
    @case(f"the man page of {command} lists the options of its help")
    def _(tool):
        path = SOURCE / "docs" / "man" / f"silhouette-{file_name(command)}.1"
        expect(path.exists(), f"{path.name} is missing")
        page = path.read_text()
        stated = {name: [letter, argument, text.replace('"', "")]
                  for name, (letter, argument, text)
                  in options(help_of(tool, command)).items()}
        listed = roff_options(page)
        expect(listed.keys() == stated.keys(),
               f"options differ: {sorted(listed.keys() ^ stated.keys())}")
        for name, entry in stated.items():
            expect(listed[name] == entry, f"--{name}: {listed[name]} is not {entry}")


@case("the main man page lists every command with its summary")
def _(tool):
    page = roff_text((SOURCE / "docs" / "man" / "silhouette.1").read_text())
    for line in tool.succeeds().out.split("Commands:\n")[1].split("\n\n")[0].splitlines():
        command, summary = re.fullmatch(r"  (\S+(?: \S+)?) {2,}(.*)", line).groups()
        expect(f"silhouette-{file_name(command)} (1) {summary}" in page,
               f"{command}: {summary}")


@case("every man page is formatted without a warning")
def _(tool):
    if not shutil.which("groff"):
        raise Skip("groff is not installed")
    pages = sorted((SOURCE / "docs" / "man").glob("*.1"))
    expect(len(pages) == len(COMMANDS) + 2,
           "one page a command, the main one, and the auditor's")
    for page in pages:
        done = subprocess.run(["groff", "-man", "-ww", "-Tascii", "-z", str(page)],
                              capture_output=True, text=True)
        expect(done.returncode == 0 and done.stderr == "", f"{page.name}: {done.stderr}")


for _command in COMMANDS:
    golden_help(_command)
    man_page(_command)
golden_completion("bash", "silhouette.bash")
golden_completion("zsh", "_silhouette")

if __name__ == "__main__":
    main()
