#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys and signatures of ours in stock minisign and openssl, and theirs in ours.

usage: test_stock_tools.py [--costly] CRYPTO_TOOL

--costly runs the cases that derive a key at minisign's own cost (1 GiB, seconds each), and
no others. The last line printed is "N passed, N failed, N skipped".
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from cases import Count, Failure, expect  # noqa: E402

PASSPHRASE = "correct horse"
TRUSTED = "silhouette/v1 release ledger=00112233445566778899aabbccddeeff entry=4"
UNTRUSTED = "signature from silhouette"
# DER in front of the 32 bytes of an Ed25519 key: RFC 8410.
PUBLIC_DER = bytes.fromhex("302a300506032b6570032100")
SECRET_DER = bytes.fromhex("302e020100300506032b657004220420")
SEED = bytes([0x22]) * 32

CASES = []


def case(name, program, costly=False):
    def register(function):
        CASES.append((name, program, costly, function))
        return function
    return register


class Bench:
    """A folder with a signed file, our keys with and without a passphrase, and ways to run
    programs in it."""

    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder
        self.write("data", b"a,b\n1,2\n")
        self.ours("key", "22", "", "plain.pub", "plain.key")
        self.ours("key", "22", PASSPHRASE, "locked.pub", "locked.key")

    def path(self, name):
        return self.folder / name

    def read(self, name):
        return self.path(name).read_bytes()

    def write(self, name, content):
        self.path(name).write_bytes(content)

    def run(self, program, *arguments, code=0, stdin=""):
        done = subprocess.run([program, *arguments], cwd=self.folder, input=stdin,
                              capture_output=True, text=True, timeout=240)
        if done.returncode != code:
            raise Failure(f"{program} {' '.join(arguments)}: exit {done.returncode}, "
                          f"not {code}\n{done.stdout}{done.stderr}")
        return done.stdout

    def ours(self, *arguments, code=0):
        return self.run(self.tool, *arguments, code=code)

    def sign(self, key="plain.key", passphrase="", signature="ours.minisig"):
        self.ours("sign", key, passphrase, "data", signature, UNTRUSTED, TRUSTED)

    def stock_sign(self, key, passphrase="", signature="stock.minisig", options=None):
        self.run("minisign", "-S", "-s", key, "-m", "data", "-x", signature,
                 *(options or ["-c", UNTRUSTED, "-t", TRUSTED]),
                 stdin=f"{passphrase}\n" if passphrase else "")

    def public_line(self, name):
        return self.read(name).decode().splitlines()[1]


@case("minisign -V -H accepts a signature of ours, and only for its data", "minisign")
def _(bench):
    bench.sign()
    said = bench.run("minisign", "-VHm", "data", "-x", "ours.minisig", "-p", "plain.pub")
    expect(TRUSTED in said, said)
    bench.run("minisign", "-VHm", "data", "-x", "ours.minisig", "-P",
              bench.public_line("plain.pub"))
    bench.write("data", b"a,b\n1,3\n")
    bench.run("minisign", "-VHm", "data", "-x", "ours.minisig", "-p", "plain.pub", code=1)


@case("minisign -S with our keys writes our file byte for byte", "minisign")
def _(bench):
    bench.sign()
    for key, passphrase in (("plain.key", ""), ("locked.key", PASSPHRASE)):
        bench.stock_sign(key, passphrase)
        expect(bench.read("stock.minisig") == bench.read("ours.minisig"), key)


@case("minisign does not open our key with a wrong passphrase", "minisign")
def _(bench):
    bench.run("minisign", "-S", "-s", "locked.key", "-m", "data", stdin="wrong\n", code=2)


@case("minisign -R makes our public key file of our secret key", "minisign")
def _(bench):
    bench.run("minisign", "-R", "-s", "plain.key", "-p", "stock.pub")
    expect(bench.public_line("stock.pub") == bench.public_line("plain.pub"), "the key")
    expect(bench.read("locked.pub") == bench.read("plain.pub"), "with a passphrase")


@case("a key of minisign -G -W signs here, and its signatures verify here", "minisign")
def _(bench):
    bench.run("minisign", "-G", "-W", "-p", "stock.pub", "-s", "stock.key")
    expect(bench.ours("public", "stock.key", "").splitlines()[1]
           == bench.public_line("stock.pub"), "the public key")
    bench.sign(key="stock.key")
    bench.run("minisign", "-VHm", "data", "-x", "ours.minisig", "-p", "stock.pub")
    bench.stock_sign("stock.key")
    expect(bench.ours("verify", "stock.pub", "data", "stock.minisig").strip() == TRUSTED,
           "the trusted comment")
    bench.ours("verify", "plain.pub", "data", "stock.minisig", code=1)


@case("what minisign accepts and we do not: legacy, a fifth line, CR, tabs", "minisign")
def _(bench):
    bench.stock_sign("plain.key")
    good = bench.read("stock.minisig")
    bench.stock_sign("plain.key", signature="legacy", options=["-l", "-t", TRUSTED])
    bench.stock_sign("plain.key", signature="tab", options=["-c", UNTRUSTED])
    bench.write("fifth", good + b"x\n")
    bench.write("cr", good.replace(b"\n", b"\r\n"))
    for signature in ("legacy", "tab", "fifth", "cr"):
        bench.run("minisign", "-Vm", "data", "-x", signature, "-p", "plain.pub")
        bench.ours("verify", "plain.pub", "data", signature, code=65)


@case("a key of minisign -G with a passphrase opens here", "minisign", costly=True)
def _(bench):
    bench.run("minisign", "-G", "-p", "stock.pub", "-s", "stock.key",
              stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    expect(bench.ours("public", "stock.key", PASSPHRASE).splitlines()[1]
           == bench.public_line("stock.pub"), "the public key")
    bench.ours("public", "stock.key", "wrong", code=65)
    bench.ours("public", "stock.key", "", code=65)


@case("a key whose passphrase minisign -C -W removed opens here", "minisign", costly=True)
def _(bench):
    bench.run("minisign", "-C", "-W", "-s", "locked.key", stdin=f"{PASSPHRASE}\n")
    expect(bench.ours("public", "locked.key", "").encode() == bench.read("locked.pub"),
           "the public key")


@case("openssl accepts an Ed25519 signature of ours, and makes the same", "openssl")
def _(bench):
    bench.ours("raw", "plain.key", "", "data", "ours.sig")
    bench.write("secret.der", SECRET_DER + SEED)
    bench.run("openssl", "pkey", "-inform", "DER", "-in", "secret.der", "-pubout",
              "-outform", "DER", "-out", "public.der")
    expect(bench.read("public.der").startswith(PUBLIC_DER), "an Ed25519 key")
    said = bench.run("openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform",
                     "DER", "-inkey", "public.der", "-in", "data", "-sigfile", "ours.sig")
    expect("Verified Successfully" in said, said)
    bench.run("openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey",
              "secret.der", "-in", "data", "-out", "stock.sig")
    expect(bench.read("stock.sig") == bench.read("ours.sig"), "the same signature")
    bench.write("data", b"a,b\n1,3\n")
    bench.run("openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER",
              "-inkey", "public.der", "-in", "data", "-sigfile", "ours.sig", code=1)


def on_bench(function, tool, folder):
    function(Bench(pathlib.Path(tool).resolve(), pathlib.Path(folder)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--costly", action="store_true")
    parser.add_argument("tool")
    args = parser.parse_args()
    count = Count()
    for name, program, costly, function in CASES:
        if costly != args.costly:
            continue
        if shutil.which(program) is None:
            count.skip(name, f"{program} is not installed")
            continue
        with tempfile.TemporaryDirectory(prefix="silhouette-stock-") as folder:
            count.run(name, on_bench, function, args.tool, folder)
    return count.end()


if __name__ == "__main__":
    sys.exit(main())
