// SPDX-License-Identifier: Apache-2.0

// Program check_tiles reads a ledger from its tiles with the Go project's own transparency
// log, golang.org/x/mod/sumdb/tlog.
//
// usage: check_tiles FOLDER SIZE ROOT
//
// FOLDER has tile/..., ROOT is base64. Exit code 0 when every entry is a leaf of the tree of
// that root and can be proved from the tiles; else 1 with what does not hold.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// A folder of tiles, named as C2SP does: without the height that is always 8.
type folder string

func (f folder) path(tile tlog.Tile) string {
	return filepath.Join(string(f), "tile", strings.TrimPrefix(tile.Path(), "tile/8/"))
}

func (f folder) Height() int { return height }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(f.path(tile))
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", f.path(tile), len(data))
		}
		found = append(found, data)
	}
	return found, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// entries reads the bundles of entries; a level below 0 names them.
func (f folder) entries(size int64) ([][]byte, error) {
	var found [][]byte
	for int64(len(found)) < size {
		width := size - int64(len(found))
		if width > 1<<height {
			width = 1 << height
		}
		tile := tlog.Tile{H: height, L: 0, N: int64(len(found)) >> height, W: int(width)}
		path := strings.Replace(f.path(tile), "/tile/0/", "/tile/entries/", 1)
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for i := int64(0); i < width; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s ends early", path)
			}
			length := int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s has more than its entries", path)
		}
	}
	return found, nil
}

func check(f folder, tree tlog.Tree) error {
	hashes := tlog.TileHashReader(tree, f)
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil || root != tree.Hash {
		return fmt.Errorf("the tiles have another root: %v %v", root, err)
	}
	entries, err := f.entries(tree.N)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		leaf := tlog.RecordHash(entry)
		found, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(i))})
		if err != nil || found[0] != leaf {
			return fmt.Errorf("entry %d is not the leaf of its tile: %v", i, err)
		}
		if i > 1 && i%251 != 0 && int64(i) != tree.N-1 {
			continue
		}
		proof, err := tlog.ProveRecord(tree.N, int64(i), hashes)
		if err == nil {
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), leaf)
		}
		if err != nil {
			return fmt.Errorf("entry %d cannot be proved: %v", i, err)
		}
	}
	fmt.Printf("%d entries\n", len(entries))
	return nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: check_tiles FOLDER SIZE ROOT")
		os.Exit(64)
	}
	var tree tlog.Tree
	size, err := strconv.ParseInt(os.Args[2], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(os.Args[3])
	if err != nil || err2 != nil || len(root) != tlog.HashSize {
		fmt.Fprintln(os.Stderr, "no size, or no root")
		os.Exit(64)
	}
	tree.N = size
	copy(tree.Hash[:], root)
	if err := check(folder(os.Args[1]), tree); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
