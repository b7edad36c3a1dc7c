// Command check checks an unpacked evidence package with golang.org/x/mod and the standard library alone: code that
// the maker of the package did not write. It reads every file against PACKAGE.json, the camera's signature, the tree
// over the chunks, the proof of every ledger entry, the log's growth since the camera saw it, and the witnesses' cosignatures.
// Exit 0: all holds. Exit 1: something does not, and standard error says what. Exit 2: usage. README.md says how to run it.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const manifestDomain = "bwc.v1 manifest\n"

// The number of the field with the newest checkpoint that the camera had seen when it began to record.
const manifestTicket = 22

// The type byte in front of a witness's key (C2SP tlog-cosignature).
const cosignature = 4

type list []string

func (l *list) String() string         { return strings.Join(*l, ",") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

type options struct {
	vkey, cameraKey, dockKey string
	witnesses                list
	quorum                   int
}

func main() {
	var o options
	flag.StringVar(&o.vkey, "vkey", "", "verifier key of the ledger (default: the one in the package, which proves less)")
	flag.StringVar(&o.cameraKey, "camera-key", "", "the camera's public key in base64")
	flag.StringVar(&o.dockKey, "dock-key", "", "the dock's public key in base64")
	flag.Var(&o.witnesses, "witness", "verifier key of a witness; may be repeated")
	flag.IntVar(&o.quorum, "quorum", -1, "how many witnesses must have cosigned (default: all that are named)")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: check [-vkey KEY] [-camera-key KEY] [-dock-key KEY] [-witness KEY]... [-quorum N] FOLDER")
		os.Exit(2)
	}
	summary, err := check(flag.Arg(0), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
	fmt.Println(summary)
}

type listing struct {
	Format    string
	Recording string
	Dock      struct{ PublicKey, Ledger string }
	Files     []struct {
		Path   string
		Bytes  int64
		SHA256 string `json:"sha256"`
	}
}

// What this check reads of a ledger entry.
type entry struct {
	Type, Camera, PublicKey, Recording, Manifest, Root, Stamps, Wraps string
	Chunks                                                            int
	index                                                             int64
}

func check(dir string, o options) (string, error) {
	files, err := checkFiles(dir, o.dockKey)
	if err != nil {
		return "", err
	}
	tree, checkpoint, verifier, err := openCheckpoint(dir, o.vkey)
	if err != nil {
		return "", err
	}
	cosigned, err := checkWitnesses(string(checkpoint), o)
	if err != nil {
		return "", err
	}
	entries, err := checkEntries(dir, files, tree, checkpoint, verifier)
	if err != nil {
		return "", err
	}
	chunks, err := checkRecording(dir, files.Recording, entries, o.cameraKey)
	if err != nil {
		return "", err
	}
	if err := checkTicket(dir, tree, verifier); err != nil {
		return "", err
	}
	return fmt.Sprintf("ok: recording %s, %d chunks, %d files, %d ledger entries proved in %d, %d witnesses",
		files.Recording, chunks, len(files.Files), len(entries), tree.N, cosigned), nil
}

// checkFiles holds every file against PACKAGE.json, and that against the dock's signature.
func checkFiles(dir, dockKey string) (*listing, error) {
	text, err := os.ReadFile(filepath.Join(dir, "PACKAGE.json"))
	if err != nil {
		return nil, err
	}
	var all listing
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("PACKAGE.json: %w", err)
	}
	if all.Format != "holdfast/package@1" {
		return nil, fmt.Errorf("PACKAGE.json: format %q", all.Format)
	}
	if dockKey == "" {
		dockKey = all.Dock.PublicKey
	}
	signature, err := os.ReadFile(filepath.Join(dir, "PACKAGE.sig"))
	if err != nil {
		return nil, err
	}
	if err := verify(dockKey, text, signature); err != nil {
		return nil, fmt.Errorf("PACKAGE.sig: %w", err)
	}
	listed := map[string]bool{"PACKAGE.json": true, "PACKAGE.sig": true}
	for _, file := range all.Files {
		listed[file.Path] = true
		sum, size, err := digest(filepath.Join(dir, filepath.FromSlash(file.Path)))
		if err != nil {
			return nil, err
		}
		if hex.EncodeToString(sum) != file.SHA256 || size != file.Bytes {
			return nil, fmt.Errorf("%s is not the file that was listed", file.Path)
		}
	}
	return &all, filepath.WalkDir(dir, func(path string, found fs.DirEntry, err error) error {
		if err != nil || found.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && !listed[filepath.ToSlash(name)] {
			return fmt.Errorf("%s is not listed", name)
		}
		return err
	})
}

// openCheckpoint checks the signature of a C2SP tlog-checkpoint.
func openCheckpoint(dir, vkey string) (tree tlog.Tree, message []byte, verifier note.Verifier, err error) {
	if vkey == "" {
		text, err := os.ReadFile(filepath.Join(dir, "ledger", "vkey"))
		if err != nil {
			return tree, nil, nil, err
		}
		vkey = strings.TrimSpace(string(text))
	}
	if verifier, err = note.NewVerifier(vkey); err != nil {
		return tree, nil, nil, fmt.Errorf("verifier key: %w", err)
	}
	if message, err = os.ReadFile(filepath.Join(dir, "ledger", "checkpoint")); err != nil {
		return tree, nil, nil, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tree, nil, nil, fmt.Errorf("ledger/checkpoint: %w", err)
	}
	tree, err = readTree(opened.Text, verifier.Name())
	return tree, message, verifier, err
}

// readTree reads the three lines of a C2SP tlog-checkpoint.
func readTree(text, origin string) (tree tlog.Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != origin {
		return tree, errors.New("checkpoint: want origin, size and root of this key's log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil || tree.N < 0 {
		return tree, fmt.Errorf("checkpoint: bad size %q", lines[1])
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// checkEntries proves every ledger entry of the package against the checkpoint (C2SP tlog-proof).
func checkEntries(dir string, files *listing, tree tlog.Tree, checkpoint []byte, verifier note.Verifier) ([]entry, error) {
	var entries []entry
	for _, file := range files.Files {
		if !strings.HasPrefix(file.Path, "ledger/entries/") {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file.Path), ".json")
		data, err := os.ReadFile(filepath.Join(dir, "ledger", "entries", name+".json"))
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(filepath.Join(dir, "ledger", "proofs", name+".tlog-proof"))
		if err != nil {
			return nil, err
		}
		parts := strings.SplitN(string(text), "\n\n", 2)
		if len(parts) != 2 || parts[1] != string(checkpoint) {
			return nil, fmt.Errorf("entry %s is proved against another checkpoint", name)
		}
		lines := strings.Split(parts[0], "\n")
		if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
			return nil, fmt.Errorf("entry %s has no proof", name)
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		if err != nil || fmt.Sprintf("%06d", index) != name {
			return nil, fmt.Errorf("entry %s is proved under another number", name)
		}
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				return nil, fmt.Errorf("entry %s: %w", name, err)
			}
			proof = append(proof, hash)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(data)); err != nil {
			return nil, fmt.Errorf("entry %s: %w", name, err)
		}
		found := entry{index: index}
		if err := json.Unmarshal(data, &found); err != nil {
			return nil, fmt.Errorf("entry %s: %w", name, err)
		}
		entries = append(entries, found)
	}
	return entries, nil
}

// checkRecording holds the recording against the entry that took it into custody and the key of its camera before that.
func checkRecording(dir, recording string, entries []entry, cameraKey string) (int, error) {
	var accepted *entry
	for i := range entries {
		if entries[i].Type == "accepted" && entries[i].Recording == recording {
			accepted = &entries[i]
		}
	}
	if accepted == nil {
		return 0, errors.New("no entry says that this recording was taken into custody")
	}
	for name, want := range map[string]string{"manifest": accepted.Manifest, "stamps": accepted.Stamps, "wraps": accepted.Wraps} {
		if want == "" {
			continue
		}
		sum, _, err := digest(filepath.Join(dir, "recording", name))
		if err != nil {
			return 0, err
		}
		if hex.EncodeToString(sum) != want {
			return 0, fmt.Errorf("recording/%s is not the one that was accepted", name)
		}
	}
	if err := checkSignature(dir, accepted, entries, cameraKey); err != nil {
		return 0, err
	}
	return accepted.Chunks, checkChunks(dir, accepted)
}

// checkSignature finds the camera's enrolled key that signed the manifest; the message is the manifest's own first field.
func checkSignature(dir string, accepted *entry, entries []entry, cameraKey string) error {
	signed := filepath.Join(dir, "recording", "signed")
	message, err := os.ReadFile(filepath.Join(signed, "manifest-message.bin"))
	if err != nil {
		return err
	}
	signature, err := os.ReadFile(filepath.Join(signed, "manifest.sig"))
	if err != nil {
		return err
	}
	whole, err := os.ReadFile(filepath.Join(dir, "recording", "manifest"))
	if err != nil {
		return err
	}
	body := bytes.TrimPrefix(message, []byte(manifestDomain))
	var want []byte
	want = append(want, 0x0a)
	want = binary.AppendUvarint(want, uint64(len(body)))
	want = append(append(want, body...), 0x12, ed25519.SignatureSize)
	if !bytes.HasPrefix(message, []byte(manifestDomain)) || !bytes.Equal(append(want, signature...), whole) {
		return errors.New("recording/signed does not say what recording/manifest says")
	}
	for _, enrolled := range entries {
		isKey := enrolled.Type == "device.enrolled" && enrolled.Camera == accepted.Camera && enrolled.index < accepted.index
		if isKey && (cameraKey == "" || cameraKey == enrolled.PublicKey) && verify(enrolled.PublicKey, message, signature) == nil {
			return nil
		}
	}
	return errors.New("no enrolled key of the camera signed the manifest")
}

// checkTicket shows that the log grew from the checkpoint that the camera signed into its manifest, when that is of this log.
func checkTicket(dir string, tree tlog.Tree, verifier note.Verifier) error {
	message, err := os.ReadFile(filepath.Join(dir, "recording", "signed", "manifest-message.bin"))
	if err != nil {
		return err
	}
	ticket := field(bytes.TrimPrefix(message, []byte(manifestDomain)), manifestTicket)
	opened, err := note.Open(ticket, note.VerifierList(verifier))
	if err != nil {
		return nil // none, or of another log: README.html says so
	}
	seen, err := readTree(opened.Text, verifier.Name())
	if err != nil || seen.N == 0 {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "ledger", "ticket.consistency"))
	if err != nil {
		return err
	}
	var proof tlog.TreeProof
	for _, line := range strings.Fields(string(text)) {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return fmt.Errorf("ledger/ticket.consistency: %w", err)
		}
		proof = append(proof, hash)
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, seen.N, seen.Hash); err != nil {
		return fmt.Errorf("ledger/ticket.consistency: %w", err)
	}
	return nil
}

// field finds the last value of a length-delimited field in a protobuf message that has varints and such fields alone.
func field(message []byte, number uint64) (value []byte) {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return nil
		}
		length, m := binary.Uvarint(message[n:])
		if m <= 0 {
			return nil
		}
		message = message[n+m:]
		if tag&7 != 2 {
			continue
		}
		if length > uint64(len(message)) {
			return nil
		}
		if tag>>3 == number {
			value = message[:length]
		}
		message = message[length:]
	}
	return value
}

// checkChunks makes the tree over the chunks' hashes (RFC 6962) and compares its root with the one in custody.
func checkChunks(dir string, accepted *entry) error {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = stored[index]
		}
		return found, nil
	})
	for i := 0; i < accepted.Chunks; i++ {
		sum, _, err := digest(filepath.Join(dir, "recording", "chunks", fmt.Sprintf("%06d", i)))
		if err != nil {
			return err
		}
		more, err := tlog.StoredHashes(int64(i), sum, read)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
	}
	root, err := tlog.TreeHash(int64(accepted.Chunks), read)
	if err != nil {
		return err
	}
	if hex.EncodeToString(root[:]) != accepted.Root {
		return errors.New("the chunks make another root than the one that was accepted")
	}
	return nil
}

// checkWitnesses counts the witnesses that cosigned the checkpoint (C2SP tlog-cosignature); a key counts once.
func checkWitnesses(checkpoint string, o options) (int, error) {
	end := strings.LastIndex(checkpoint, "\n\n")
	if end < 0 {
		return 0, errors.New("ledger/checkpoint has no signatures")
	}
	text, lines := checkpoint[:end+1], strings.Split(strings.TrimSuffix(checkpoint[end+2:], "\n"), "\n")
	keys := map[string]bool{}
	for _, vkey := range o.witnesses {
		parts := strings.SplitN(vkey, "+", 3)
		if len(parts) != 3 {
			return 0, fmt.Errorf("%q is no verifier key", vkey)
		}
		key, err := base64.StdEncoding.DecodeString(parts[2])
		if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignature {
			return 0, fmt.Errorf("%q is no witness's key", vkey)
		}
		for _, line := range lines {
			words := strings.Split(line, " ")
			if len(words) != 3 || words[0] != "\u2014" || words[1] != parts[0] {
				continue
			}
			signed, err := base64.StdEncoding.DecodeString(words[2])
			if err != nil || len(signed) != 4+8+ed25519.SignatureSize || hex.EncodeToString(signed[:4]) != parts[1] {
				continue
			}
			message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signed[4:]), text)
			if !ed25519.Verify(key[1:], []byte(message), signed[12:]) {
				return 0, fmt.Errorf("the cosignature by %s does not hold", parts[0])
			}
			keys[string(key)] = true
		}
	}
	quorum := o.quorum
	if quorum < 0 {
		quorum = len(o.witnesses)
	}
	if len(keys) < quorum {
		return 0, fmt.Errorf("%d witnesses cosigned the checkpoint, and %d must have", len(keys), quorum)
	}
	return len(keys), nil
}

func verify(key string, message, signature []byte) error {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return fmt.Errorf("%q is no key", key)
	}
	if !ed25519.Verify(raw, message, signature) {
		return errors.New("the signature does not hold")
	}
	return nil
}

func digest(path string) ([]byte, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	return hash.Sum(nil), size, err
}
