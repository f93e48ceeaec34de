// SPDX-License-Identifier: Apache-2.0

// Program check_log holds the checkpoints and proofs of a ledger against the Go project's
// own notes and transparency logs, golang.org/x/mod/sumdb/note and .../tlog.
//
// usage: check_log < JOB
//
// A job is a JSON object, see the type. Exit code 0 when all of it holds, with a line that
// counts what was looked at; 1 with a line for each thing that does not hold.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Paths are files. A checkpoint counts when one of the logs signed it and every witness did.
type job struct {
	Logs        []string `json:"logs"`      // verifier keys
	Witnesses   []string `json:"witnesses"` // verifier keys of cosigners
	Origin      string   `json:"origin"`    // of the logs that seeds stand for
	Seeds       []string `json:"seeds"`     // hexadecimal Ed25519 seeds of logs
	Entries     []string `json:"entries"`   // in order, from entry 0
	Checkpoints []string `json:"checkpoints"`
	Proofs      []string `json:"proofs"`   // of inclusion, for the entry they name
	Requests    []string `json:"requests"` // to witnesses, with a proof of consistency
	// Perhaps what a proof is offered for in place of the entry that it names.
	Leaf string `json:"leaf"`
}

// ---- the tree ----

// A tree is the log's own list of hashes.
type tree struct {
	size   int64
	stored []tlog.Hash
	leaves []tlog.Hash
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(t.stored)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found[i] = t.stored[index]
	}
	return found, nil
}

func grow(paths []string) (*tree, error) {
	t := &tree{}
	for _, path := range paths {
		entry, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		hashes, err := tlog.StoredHashes(t.size, entry, t)
		if err != nil {
			return nil, err
		}
		t.stored = append(t.stored, hashes...)
		t.leaves = append(t.leaves, tlog.RecordHash(entry))
		t.size++
	}
	return t, nil
}

// ---- signed notes ----

// A cosigner verifies cosignature/v1 of C2SP, which sumdb/note leaves to others.
type cosigner struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.public, append([]byte(head), text...), sig[8:])
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q is no verifier key", vkey)
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != 0x04 {
		return nil, fmt.Errorf("%q is no key of a cosigner", vkey)
	}
	return &cosigner{parts[0], uint32(hash), raw[1:]}, nil
}

// Readers of checkpoints know these keys.
type readers struct {
	known     note.Verifiers
	logs      map[string]bool
	witnesses []string
}

func newReaders(j *job) (*readers, error) {
	r := &readers{logs: map[string]bool{}}
	var list []note.Verifier
	for _, text := range j.Seeds {
		seed, err := hex.DecodeString(text)
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("%q is no seed", text)
		}
		public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
		vkey, err := note.NewEd25519VerifierKey(j.Origin, public)
		if err != nil {
			return nil, err
		}
		j.Logs = append(j.Logs, vkey)
	}
	for _, vkey := range j.Logs {
		log, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, err
		}
		list = append(list, log)
		r.logs[log.Name()] = true
	}
	for _, vkey := range j.Witnesses {
		witness, err := newCosigner(vkey)
		if err != nil {
			return nil, err
		}
		list = append(list, witness)
		r.witnesses = append(r.witnesses, witness.name)
	}
	r.known = note.VerifierList(list...)
	return r, nil
}

type checkpoint struct {
	size int64
	root tlog.Hash
}

// Signed as it must be, and of three lines: origin, size, root.
func (r *readers) open(data []byte) (*checkpoint, error) {
	opened, err := note.Open(data, r.known)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return nil, errors.New("a checkpoint has three lines")
	}
	signed := map[string]bool{}
	for _, sig := range opened.Sigs {
		signed[sig.Name] = true
	}
	if !r.logs[lines[0]] || !signed[lines[0]] {
		return nil, errors.New("not signed by the log of its origin")
	}
	for _, name := range r.witnesses {
		if !signed[name] {
			return nil, fmt.Errorf("not signed by %s", name)
		}
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("%q is no size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	return &checkpoint{size, root}, err
}

// ---- what a job asks ----

type checker struct {
	*readers
	*tree
	leaf string
}

func (c *checker) checkpoint(data []byte) (*checkpoint, error) {
	found, err := c.open(data)
	if err != nil {
		return nil, err
	}
	if found.size < 1 || found.size > c.size {
		return nil, fmt.Errorf("a checkpoint of size %d over %d entries", found.size, c.size)
	}
	root, err := tlog.TreeHash(found.size, c)
	if err != nil {
		return nil, err
	}
	if root != found.root {
		return nil, fmt.Errorf("root %v, and the entries have %v", found.root, root)
	}
	return found, nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// The lines above the first blank one, their first words taken off, and what is below.
func splitProof(data []byte, words ...string) ([]string, []byte, error) {
	head, rest, ok := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || len(lines) < len(words) {
		return nil, nil, errors.New("a proof, a blank line and a checkpoint are expected")
	}
	for i, word := range words {
		if !strings.HasPrefix(lines[i], word) {
			return nil, nil, fmt.Errorf("%q should begin with %q", lines[i], word)
		}
		lines[i] = lines[i][len(word):]
	}
	return lines, rest, nil
}

func parseNumber(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 || strconv.FormatInt(number, 10) != text {
		return 0, fmt.Errorf("%q is no number", text)
	}
	return number, nil
}

func equal(a, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// A proof that an entry is under a checkpoint: it holds, and it is the one that this
// library makes itself.
func (c *checker) proof(data []byte) error {
	lines, rest, err := splitProof(data, "c2sp.org/tlog-proof@v1")
	if err != nil || lines[0] != "" {
		return fmt.Errorf("not a tlog-proof of version 1: %v", err)
	}
	if len(lines) > 1 && strings.HasPrefix(lines[1], "extra ") {
		lines = lines[1:]
	}
	if len(lines) < 2 || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("no index")
	}
	index, err := parseNumber(lines[1][len("index "):])
	if err != nil {
		return err
	}
	hashes, err := parseHashes(lines[2:])
	if err != nil {
		return err
	}
	over, err := c.checkpoint(rest)
	if err != nil {
		return err
	}
	if index >= over.size {
		return fmt.Errorf("entry %d under a checkpoint of size %d", index, over.size)
	}
	leaf := c.leaves[index]
	if c.leaf != "" {
		offered, err := os.ReadFile(c.leaf)
		if err != nil {
			return err
		}
		leaf = tlog.RecordHash(offered)
	}
	if err := tlog.CheckRecord(hashes, over.size, over.root, index, leaf); err != nil {
		return err
	}
	own, err := tlog.ProveRecord(over.size, index, c)
	if err != nil || !equal(own, hashes) {
		return fmt.Errorf("another proof than tlog's own: %v", err)
	}
	return nil
}

// What an owner asks a witness: the checkpoint extends the tree of an older size.
func (c *checker) request(data []byte) error {
	lines, rest, err := splitProof(data, "old ")
	if err != nil {
		return err
	}
	old, err := parseNumber(lines[0])
	if err != nil {
		return err
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	over, err := c.checkpoint(rest)
	if err != nil {
		return err
	}
	if old > over.size {
		return fmt.Errorf("from size %d to size %d", old, over.size)
	}
	if old == 0 { // everything extends nothing
		if len(hashes) != 0 {
			return errors.New("a proof from nothing has hashes")
		}
		return nil
	}
	before, err := tlog.TreeHash(old, c)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(hashes, over.size, over.root, old, before); err != nil {
		return err
	}
	own, err := tlog.ProveTree(over.size, old, c)
	if err != nil || !equal(own, hashes) {
		return fmt.Errorf("another proof than tlog's own: %v", err)
	}
	return nil
}

func each(paths []string, check func([]byte) error) (failed int) {
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err == nil {
			err = check(data)
		}
		if err != nil {
			fmt.Printf("%s: %v\n", path, err)
			failed++
		}
	}
	return failed
}

func run(j *job) (int, error) {
	known, err := newReaders(j)
	if err != nil {
		return 0, err
	}
	grown, err := grow(j.Entries)
	if err != nil {
		return 0, err
	}
	c := &checker{known, grown, j.Leaf}
	failed := each(j.Checkpoints, func(data []byte) error {
		_, err := c.checkpoint(data)
		return err
	})
	failed += each(j.Proofs, c.proof)
	failed += each(j.Requests, c.request)
	return failed, nil
}

func main() {
	var j job
	if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
		fmt.Println("the job:", err)
		os.Exit(64)
	}
	failed, err := run(&j)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if failed > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d entries, %d checkpoints, %d proofs, %d requests\n",
		len(j.Entries), len(j.Checkpoints), len(j.Proofs), len(j.Requests))
}
