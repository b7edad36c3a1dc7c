// Command verify-ledger checks a Holdfast ledger folder with golang.org/x/mod alone: code that this project
// did not write. It opens the signed checkpoint, authenticates every tile against it, compares each entry
// with its authenticated hash, and checks an inclusion proof for each entry and consistency proofs between
// tree sizes. With -witness it also checks the C2SP cosignatures of those witnesses with crypto/ed25519, and
// with -quorum that there are enough of them. Exit 0: all holds. Exit 1: something does not, and standard error says what. Exit 2: usage.
//
// Run it with Debian's golang-go and golang-golang-x-mod-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run test/go/verify-ledger/main.go LEDGER_DIR
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// C2SP tlog-tiles fixes the tile height that x/mod leaves open.
const tileHeight = 8
const tileWidth = 1 << tileHeight

// More consistency proofs than this say nothing new and take long on a large log.
const consistencyProofsMax = 2000

func main() {
	vkey := flag.String("vkey", "", "verifier key of the log (default: the file vkey in the folder, which proves less)")
	var older paths
	flag.Var(&older, "older", "an older checkpoint of this log, to be checked for consistency; may be repeated")
	var witnesses paths
	flag.Var(&witnesses, "witness", "verifier key of a witness, type 04; may be repeated")
	quorum := flag.Int("quorum", 0, "how many of the witnesses must have cosigned the checkpoint")
	flag.Parse()
	if flag.NArg() != 1 || *quorum < 0 || *quorum > len(witnesses) {
		fmt.Fprintln(os.Stderr, "usage: verify-ledger [-vkey KEY] [-older CHECKPOINT_FILE]... [-witness KEY]... [-quorum N] LEDGER_DIR")
		os.Exit(2)
	}
	summary, err := verify(flag.Arg(0), *vkey, older)
	if err == nil && len(witnesses) > 0 {
		var count int
		if count, err = checkCosignatures(filepath.Join(flag.Arg(0), "checkpoint"), witnesses, *quorum); err == nil {
			summary = fmt.Sprintf("%s, %d of %d witnesses", summary, count, len(witnesses))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "verify-ledger:", err)
		os.Exit(1)
	}
	fmt.Println(summary)
}

type paths []string

func (p *paths) String() string         { return strings.Join(*p, ",") }
func (p *paths) Set(value string) error { *p = append(*p, value); return nil }

func verify(dir, vkey string, older []string) (string, error) {
	if vkey == "" {
		file, err := os.ReadFile(filepath.Join(dir, "vkey"))
		if err != nil {
			return "", err
		}
		vkey = strings.TrimSpace(string(file))
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", fmt.Errorf("verifier key: %w", err)
	}
	tree, err := openCheckpoint(filepath.Join(dir, "checkpoint"), verifier)
	if err != nil {
		return "", err
	}
	hashes, err := recordHashes(dir, tree.N)
	if err != nil {
		return "", err
	}
	if err := checkRoot(hashes, tree); err != nil {
		return "", err
	}
	reader := tlog.TileHashReader(tree, &tileFiles{dir: dir, read: map[string][]byte{}})
	if err := checkRecords(hashes, tree, reader); err != nil {
		return "", err
	}
	proofs, err := checkConsistency(tree, reader)
	if err != nil {
		return "", err
	}
	for _, path := range older {
		if err := checkOlder(path, verifier, tree, reader); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("ok: %s, %d entries, %d inclusion proofs, %d consistency proofs, %d older checkpoints",
		verifier.Name(), tree.N, len(hashes), proofs, len(older)), nil
}

// openCheckpoint checks the signature of a C2SP tlog-checkpoint and reads its three lines.
func openCheckpoint(path string, verifier note.Verifier) (tlog.Tree, error) {
	var tree tlog.Tree
	msg, err := os.ReadFile(path)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return tree, fmt.Errorf("%s: %w", path, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tree, fmt.Errorf("%s: want origin, size and root, one line each", path)
	}
	if lines[0] != verifier.Name() {
		return tree, fmt.Errorf("%s: origin %q is not the key's name %q", path, lines[0], verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil || tree.N < 0 {
		return tree, fmt.Errorf("%s: bad size %q", path, lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, fmt.Errorf("%s: bad root %q", path, lines[2])
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

// C2SP tlog-cosignature: the type byte of an Ed25519 witness key, and the layout of its signatures.
const (
	cosignatureType = 4
	keyIDSize       = 4
	timestampSize   = 8
)

// cosigner is a witness as its verifier key names it.
type cosigner struct {
	name string
	id   []byte
	key  ed25519.PublicKey
}

func parseCosigner(vkey string) (cosigner, error) {
	var none cosigner
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return none, fmt.Errorf("witness key %q: want name+hash+key", vkey)
	}
	id, err := hex.DecodeString(parts[1])
	if err != nil {
		return none, fmt.Errorf("witness key %q: %w", vkey, err)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignatureType {
		return none, fmt.Errorf("witness key %q: not an Ed25519 key of type %d", vkey, cosignatureType)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if !bytes.Equal(sum[:keyIDSize], id) {
		return none, fmt.Errorf("witness key %q: hash is not that of name and key", vkey)
	}
	return cosigner{parts[0], id, ed25519.PublicKey(key[1:])}, nil
}

// checkCosignatures counts the witnesses whose cosignature of the checkpoint holds; one that does not is an error.
func checkCosignatures(path string, vkeys []string, quorum int) (int, error) {
	msg, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	// note.Open knows no type 04: it gives the lines of unknown keys only beside a verified one, so they are read here.
	split := bytes.LastIndex(msg, []byte("\n\n"))
	if split < 0 {
		return 0, fmt.Errorf("%s: no signatures", path)
	}
	text, lines := msg[:split+1], strings.Split(strings.TrimSuffix(string(msg[split+2:]), "\n"), "\n")
	keys := map[string]bool{}
	for _, vkey := range vkeys {
		witness, err := parseCosigner(vkey)
		if err != nil {
			return 0, err
		}
		for _, line := range lines {
			start := "— " + witness.name + " "
			if !strings.HasPrefix(line, start) {
				continue
			}
			signed, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(line, start))
			if err != nil {
				return 0, fmt.Errorf("%s: line of %s: %w", path, witness.name, err)
			}
			if !bytes.HasPrefix(signed, witness.id) {
				continue
			}
			if !holds(witness, text, signed[keyIDSize:]) {
				return 0, fmt.Errorf("%s: cosignature of %s does not hold", path, witness.name)
			}
			keys[string(witness.key)] = true
		}
	}
	if len(keys) < quorum {
		return 0, fmt.Errorf("%s: %d of %d witnesses have cosigned, want %d", path, len(keys), len(vkeys), quorum)
	}
	return len(keys), nil
}

func holds(witness cosigner, text, signed []byte) bool {
	if len(signed) != timestampSize+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signed)
	message := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
	return ed25519.Verify(witness.key, message, signed[timestampSize:])
}

// recordHashes reads every entry bundle that a log of this size has.
func recordHashes(dir string, size int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for n := int64(0); n*tileWidth < size; n++ {
		width := size - n*tileWidth
		if width > tileWidth {
			width = tileWidth
		}
		tile := tlog.Tile{H: tileHeight, L: -1, N: n, W: int(width)}
		data, name, err := readTile(dir, tile)
		if err != nil {
			return nil, err
		}
		for i := 0; i < tile.W; i++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s: cut off in entry %d", name, n*tileWidth+int64(i))
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			hashes = append(hashes, tlog.RecordHash(data[2:end]))
			data = data[end:]
		}
		if len(data) > 0 && strings.HasSuffix(name, fmt.Sprintf(".p/%d", tile.W)) {
			return nil, fmt.Errorf("%s: %d bytes after its last entry", name, len(data))
		}
	}
	return hashes, nil
}

// checkRoot builds the whole tree from the entries and never looks at a tile.
func checkRoot(hashes []tlog.Hash, tree tlog.Tree) error {
	if tree.N == 0 {
		return nil
	}
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = stored[index]
		}
		return found, nil
	})
	for i, hash := range hashes {
		more, err := tlog.StoredHashesForRecordHash(int64(i), hash, read)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
	}
	root, err := tlog.TreeHash(tree.N, read)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries make root %v, the checkpoint says %v", root, tree.Hash)
	}
	return nil
}

// checkRecords compares each entry with its hash as authenticated through the tiles, and proves its inclusion.
func checkRecords(hashes []tlog.Hash, tree tlog.Tree, reader tlog.HashReader) error {
	for i, hash := range hashes {
		index := int64(i)
		stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		if stored[0] != hash {
			return fmt.Errorf("entry %d does not have the hash that the tiles prove", index)
		}
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, hash); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return nil
}

// checkConsistency proves that the tree has earlier trees of many sizes as its prefix.
func checkConsistency(tree tlog.Tree, reader tlog.HashReader) (int, error) {
	step := tree.N/consistencyProofsMax + 1
	count := 0
	for size := int64(1); size <= tree.N; size += step {
		root, err := tlog.TreeHash(size, reader)
		if err != nil {
			return count, fmt.Errorf("tree of size %d: %w", size, err)
		}
		if err := proveConsistency(tlog.Tree{N: size, Hash: root}, tree, reader); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

func checkOlder(path string, verifier note.Verifier, tree tlog.Tree, reader tlog.HashReader) error {
	old, err := openCheckpoint(path, verifier)
	if err != nil {
		return err
	}
	if old.N == 0 {
		return nil
	}
	if old.N > tree.N {
		return fmt.Errorf("%s: the log had %d entries, now it has %d", path, old.N, tree.N)
	}
	if err := proveConsistency(old, tree, reader); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func proveConsistency(old, tree tlog.Tree, reader tlog.HashReader) error {
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return fmt.Errorf("consistency of sizes %d and %d: %w", old.N, tree.N, err)
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return fmt.Errorf("consistency of sizes %d and %d: %w", old.N, tree.N, err)
	}
	return nil
}

// tileFiles serves tiles from the folder. What it reads is authenticated by tlog.TileHashReader.
type tileFiles struct {
	dir  string
	read map[string][]byte
}

func (f *tileFiles) Height() int                             { return tileHeight }
func (f *tileFiles) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}

func (f *tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, known := f.read[tile.Path()]
		if !known {
			var name string
			var err error
			if bytes, name, err = readTile(f.dir, tile); err != nil {
				return nil, err
			}
			if len(bytes) < tile.W*tlog.HashSize {
				return nil, fmt.Errorf("%s: %d bytes, want %d", name, len(bytes), tile.W*tlog.HashSize)
			}
			bytes = bytes[:tile.W*tlog.HashSize]
			f.read[tile.Path()] = bytes
		}
		data[i] = bytes
	}
	return data, nil
}

// readTile reads a tile or entry bundle and says which file it was. Once the full tile is there the partial
// one may be gone; a reader then takes the beginning of the full one.
func readTile(dir string, tile tlog.Tile) ([]byte, string, error) {
	name := c2spPath(tile)
	data, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) && tile.W != tileWidth {
		tile.W = tileWidth
		full, fullErr := os.ReadFile(filepath.Join(dir, c2spPath(tile)))
		if fullErr == nil {
			return full, c2spPath(tile), nil
		}
	}
	return data, name, err
}

// c2spPath maps x/mod's tile/8/<L>/… and tile/8/data/… to C2SP's tile/<L>/… and tile/entries/….
func c2spPath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if tile.L == -1 {
		return "tile/entries/" + strings.TrimPrefix(path, "data/")
	}
	return "tile/" + path
}
