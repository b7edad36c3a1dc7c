// Command check checks an unpacked evidence package with golang.org/x/mod and the standard library alone: code that
// the maker of the package did not write. It reads every file against PACKAGE.json, the camera's signature, the tree
// over the chunks, the proof of every ledger entry, the log's growth since the camera saw it, the witnesses' cosignatures, and of
// opened footage the grants of the policy service, the decisions behind them, that the ledger names them, and that the
// custodian's own ledger says what keys it gave under them.
// Exit 0: all holds. Exit 1: something does not, and standard error says what. Exit 2: usage. README.md says how to run it.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
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
	"math/big"
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
	vkey, cameraKey, dockKey, policyKey, policyLedger string
	witnesses                                         list
	quorum                                            int
}

func main() {
	var o options
	flag.StringVar(&o.vkey, "vkey", "", "verifier key of the ledger (default: the one in the package, which proves less)")
	flag.StringVar(&o.cameraKey, "camera-key", "", "the camera's public key in base64")
	flag.StringVar(&o.dockKey, "dock-key", "", "the dock's public key in base64")
	flag.StringVar(&o.policyKey, "policy-key", "", "file with the policy service's public key (JWK), for opened footage")
	flag.StringVar(&o.policyLedger, "policy-ledger", "", "verifier key of the custodian's own ledger, for opened footage that was sealed")
	flag.Var(&o.witnesses, "witness", "verifier key of a witness; may be repeated")
	flag.IntVar(&o.quorum, "quorum", -1, "how many witnesses must have cosigned (default: all that are named)")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: check [-vkey KEY] [-camera-key KEY] [-dock-key KEY] [-policy-key FILE] [-policy-ledger KEY] [-witness KEY]... [-quorum N] FOLDER")
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
	Form      string
	Recording string
	Dock      struct{ ID, PublicKey, Ledger string }
	Files     []struct {
		Path   string
		Bytes  int64
		SHA256 string `json:"sha256"`
	}
}

// What this check reads of a ledger entry.
type entry struct {
	Type, Camera, PublicKey, Recording, Manifest, Root, Stamps, Wraps string
	Form, Grant, GrantID, Person, Purpose                             string
	Chunks, Suite                                                     int
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
	opened := ""
	if files.Form == "opened" {
		if opened, err = checkOpened(dir, files, entries, chunks, o); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("ok: recording %s, %d chunks, %d files, %d ledger entries proved in %d, %d witnesses%s",
		files.Recording, chunks, len(files.Files), len(entries), tree.N, cosigned, opened), nil
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
	if all.Format != "holdfast/package@2" {
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
		proof, err := readProof(string(text))
		if err != nil {
			return nil, fmt.Errorf("entry %s: %w", name, err)
		}
		if proof.checkpoint != string(checkpoint) {
			return nil, fmt.Errorf("entry %s is proved against another checkpoint", name)
		}
		if fmt.Sprintf("%06d", proof.index) != name {
			return nil, fmt.Errorf("entry %s is proved under another number", name)
		}
		if err := tlog.CheckRecord(proof.path, tree.N, tree.Hash, proof.index, tlog.RecordHash(data)); err != nil {
			return nil, fmt.Errorf("entry %s: %w", name, err)
		}
		found := entry{index: proof.index}
		if err := json.Unmarshal(data, &found); err != nil {
			return nil, fmt.Errorf("entry %s: %w", name, err)
		}
		entries = append(entries, found)
	}
	return entries, nil
}

// A C2SP tlog-proof, of which nothing is checked yet.
type recordProof struct {
	index      int64
	path       tlog.RecordProof
	checkpoint string
}

func readProof(text string) (proof recordProof, err error) {
	parts := strings.SplitN(text, "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(lines) > 1 && strings.HasPrefix(lines[1], "extra ") {
		lines = append(lines[:1], lines[2:]...) // nobody ever signed it
	}
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return proof, errors.New("has no proof")
	}
	digits := strings.TrimPrefix(lines[1], "index ")
	if proof.index, err = strconv.ParseInt(digits, 10, 64); err != nil || strconv.FormatInt(proof.index, 10) != digits {
		return proof, fmt.Errorf("has a proof of number %q", digits)
	}
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return proof, err
		}
		proof.path = append(proof.path, hash)
	}
	proof.checkpoint = parts[1]
	return proof, nil
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

// A key of the policy service (RFC 7517).
type jwk struct{ Kty, Crv, X, Y string }

// What this check reads of a grant and of the decision behind it, which says most of it again.
type claims struct {
	Iss, Sub, Jti, Aud, Kind, Action, Recording, Manifest, Purpose, Regime, PolicySet, Grant string

	Iat, Exp, NewestFact int64
	Chunks               []int
	Decision             bool
	Cnf                  struct{ Jkt string }
	Policies             []struct{ ID, Text, Effect string }
	Facts                []struct {
		Index              int64
		Source, ReceivedAt string
		Fact               struct{ Type string }
	}
}

// checkOpened holds opened footage against its grants, these against the ledger, and the decisions, and what the custodian says
// that it gave, against the grants.
func checkOpened(dir string, files *listing, entries []entry, chunks int, o options) (string, error) {
	key, err := readPolicyKey(dir, o.policyKey)
	if err != nil {
		return "", err
	}
	var manifest string
	var isSealed bool
	for _, found := range entries {
		if found.Type == "accepted" && found.Recording == files.Recording {
			manifest, isSealed = found.Manifest, found.Suite != 0 || found.Wraps != ""
		}
	}
	custodian, err := openCustodian(dir, files, isSealed, o.policyLedger)
	if err != nil {
		return "", err
	}
	var all []byte
	var person, pseudonym string
	next, number, facts := 0, 0, 0
	for ; next < chunks; number++ {
		name := fmt.Sprintf("%03d", number)
		jws, err := os.ReadFile(filepath.Join(dir, "policy", "grants", name+".jws"))
		if err != nil {
			return "", fmt.Errorf("no grant opens the chunks from %d on: %w", next, err)
		}
		grant, _, err := openJWS(jws, key, "grant")
		if err != nil {
			return "", fmt.Errorf("grant %s: %w", name, err)
		}
		isOurs := grant.Kind == "open" && grant.Action == "view" && grant.Recording == files.Recording &&
			grant.Manifest == manifest && grant.Aud == files.Dock.ID && (number == 0 || grant.Sub == person)
		if !isOurs {
			return "", fmt.Errorf("grant %s is for something else", name)
		}
		if len(grant.Chunks) != 2 || grant.Chunks[0] != next || grant.Chunks[1] <= next || grant.Chunks[1] > chunks {
			return "", fmt.Errorf("grant %s opens the chunks %v, where those from %d on are due", name, grant.Chunks, next)
		}
		sum := sha256.Sum256(jws)
		granted := find(entries, func(e entry) bool {
			return e.Type == "granted" && e.Grant == hex.EncodeToString(sum[:]) && e.Recording == files.Recording &&
				e.GrantID == grant.Jti && e.Purpose == grant.Purpose && (number == 0 || e.Person == pseudonym)
		})
		if granted == nil {
			return "", fmt.Errorf("no entry says that grant %s was used", name)
		}
		count, err := checkDecision(dir, name, key, grant, hex.EncodeToString(sum[:]))
		if err != nil {
			return "", fmt.Errorf("decision %s: %w", name, err)
		}
		if custodian != nil {
			if err := checkGiven(dir, name, custodian, grant, hex.EncodeToString(sum[:])); err != nil {
				return "", fmt.Errorf("policy/custody/%s.json: %w", name, err)
			}
		}
		all = append(all, jws...)
		next, person, pseudonym, facts = grant.Chunks[1], grant.Sub, granted.Person, facts+count
	}
	if err := checkNoMore(files, number); err != nil {
		return "", err
	}
	sum := sha256.Sum256(all)
	exported := find(entries, func(e entry) bool {
		return e.Type == "exported" && e.Form == "opened" && e.Recording == files.Recording && e.Manifest == manifest &&
			e.Grant == hex.EncodeToString(sum[:]) && e.Person == pseudonym
	})
	if exported == nil {
		return "", errors.New("no entry says that this was exported under these grants")
	}
	given := ""
	if custodian != nil {
		given = fmt.Sprintf(", of each the keys in the ledger %s", custodian.Name())
	}
	return fmt.Sprintf(", opened under %d grants on %d facts%s", number, facts, given), nil
}

// openCustodian gives what checks the custodian's own ledger, or nil when the package has nothing of it and need not.
func openCustodian(dir string, files *listing, isSealed bool, pinned string) (note.Verifier, error) {
	has := pinned != "" && isSealed
	for _, file := range files.Files {
		if file.Path != "policy/ledger.vkey" && !strings.HasPrefix(file.Path, "policy/custody/") {
			continue
		}
		if !isSealed {
			return nil, fmt.Errorf("%s is about keys, and the recording was never sealed", file.Path)
		}
		has = true
	}
	if !has {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, "policy", "ledger.vkey"))
	if err != nil {
		return nil, err
	}
	vkey := strings.TrimSpace(string(text))
	if pinned != "" && vkey != pinned {
		return nil, errors.New("policy/ledger.vkey is not the key that is pinned")
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("policy/ledger.vkey: %w", err)
	}
	return verifier, nil
}

// checkGiven holds the entry of the custodian's own ledger about the keys of a grant against its proof and that grant.
func checkGiven(dir, name string, verifier note.Verifier, grant *claims, digest string) error {
	data, err := os.ReadFile(filepath.Join(dir, "policy", "custody", name+".json"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "policy", "custody", name+".tlog-proof"))
	if err != nil {
		return err
	}
	proof, err := readProof(string(text))
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(proof.checkpoint), note.VerifierList(verifier))
	if err != nil {
		return fmt.Errorf("its checkpoint: %w", err)
	}
	tree, err := readTree(opened.Text, verifier.Name())
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof.path, tree.N, tree.Hash, proof.index, tlog.RecordHash(data)); err != nil {
		return err
	}
	said, err := readCanonical(data)
	if err != nil {
		return err
	}
	wanted := map[string]any{
		"v": json.Number("1"), "type": "keys.released", "recording": grant.Recording, "manifest": grant.Manifest, "dock": grant.Aud,
		"grant": digest, "grantId": grant.Jti, "page": grant.Cnf.Jkt,
	}
	for member, value := range wanted {
		if said[member] != value {
			return fmt.Errorf("is about another %s than the grant", member)
		}
	}
	given, err := json.Marshal(said["chunks"])
	if err != nil {
		return err
	}
	granted, err := json.Marshal(grant.Chunks)
	if err == nil && !bytes.Equal(given, granted) {
		return fmt.Errorf("is about the chunks %s, and the grant about %s", given, granted)
	}
	return err
}

// readCanonical reads a JSON object in the one spelling that entries have: else two readers could take two meanings from it.
func readCanonical(data []byte) (map[string]any, error) {
	var said map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&said); err != nil {
		return nil, err
	}
	var again bytes.Buffer
	encoder := json.NewEncoder(&again)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(said); err != nil {
		return nil, err
	}
	if !bytes.Equal(append(data[:len(data):len(data)], '\n'), again.Bytes()) {
		return nil, errors.New("is not in canonical form")
	}
	return said, nil
}

// checkDecision counts the facts that the decision behind a grant rested on.
func checkDecision(dir, name string, key *ecdsa.PublicKey, grant *claims, digest string) (int, error) {
	jws, err := os.ReadFile(filepath.Join(dir, "policy", "decisions", name+".jws"))
	if err != nil {
		return 0, err
	}
	said, payload, err := openJWS(jws, key, "decision")
	if err != nil {
		return 0, err
	}
	isSame := said.Iss == grant.Iss && said.Sub == grant.Sub && said.Jti == grant.Jti && said.Recording == grant.Recording &&
		said.Manifest == grant.Manifest && said.Action == grant.Action && said.Purpose == grant.Purpose &&
		said.Regime == grant.Regime && said.PolicySet == grant.PolicySet && said.NewestFact == grant.NewestFact
	switch {
	case !isSame:
		return 0, errors.New("is about something else than its grant")
	case said.Grant != digest:
		return 0, errors.New("is about another grant")
	case !said.Decision:
		return 0, errors.New("says no")
	case said.Iat < grant.Iat || said.Iat > grant.Exp:
		return 0, errors.New("was not signed while its grant was open")
	case len(said.Policies) == 0 || len(said.Facts) == 0:
		return 0, errors.New("names no policy, or rests on no fact")
	}
	for _, policy := range said.Policies {
		if policy.ID == "" || policy.Effect != "permit" {
			return 0, errors.New("names a policy that does not permit")
		}
	}
	before := int64(0)
	for _, fact := range said.Facts {
		if fact.Index <= before || fact.Index > said.NewestFact {
			return 0, fmt.Errorf("lists fact %d out of order, or did not know it", fact.Index)
		}
		if fact.Source == "" || fact.ReceivedAt == "" || fact.Fact.Type == "" {
			return 0, fmt.Errorf("lists fact %d of nobody", fact.Index)
		}
		before = fact.Index
	}
	text, err := os.ReadFile(filepath.Join(dir, "policy", "decisions", name+".json"))
	if err != nil {
		return 0, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil || !bytes.Equal(compact.Bytes(), payload) {
		return 0, errors.New("its JSON is not what was signed")
	}
	return len(said.Facts), nil
}

// checkNoMore finds files of openings that no grant is for, and that nobody checked.
func checkNoMore(files *listing, grants int) error {
	checked := map[string]bool{"policy/key.jwk.json": true, "policy/ledger.vkey": true}
	for number := 0; number < grants; number++ {
		for _, path := range []string{"grants/%03d.jws", "decisions/%03d.jws", "decisions/%03d.json", "custody/%03d.json", "custody/%03d.tlog-proof"} {
			checked["policy/"+fmt.Sprintf(path, number)] = true
		}
	}
	for _, file := range files.Files {
		if strings.HasPrefix(file.Path, "policy/") && !checked[file.Path] {
			return fmt.Errorf("%s belongs to no grant", file.Path)
		}
	}
	return nil
}

// readPolicyKey gives the key of the package, which must be the pinned one, or of a pinned set one.
func readPolicyKey(dir, pinned string) (*ecdsa.PublicKey, error) {
	inside, err := readJWKs(filepath.Join(dir, "policy", "key.jwk.json"))
	if err != nil {
		return nil, err
	}
	if len(inside) != 1 {
		return nil, errors.New("policy/key.jwk.json holds several keys")
	}
	if pinned == "" {
		return inside[0], nil
	}
	outside, err := readJWKs(pinned)
	if err != nil {
		return nil, err
	}
	for _, key := range outside {
		if key.Equal(inside[0]) {
			return key, nil
		}
	}
	return nil, errors.New("policy/key.jwk.json is not the key that is pinned")
}

// readJWKs reads a JWK, or a JWK Set.
func readJWKs(path string) ([]*ecdsa.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var said struct {
		jwk
		Keys []jwk
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if said.Keys == nil {
		said.Keys = []jwk{said.jwk}
	}
	var keys []*ecdsa.PublicKey
	for _, one := range said.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(one.X)
		y, errY := base64.RawURLEncoding.DecodeString(one.Y)
		key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
		if errX != nil || errY != nil || one.Kty != "EC" || one.Crv != "P-256" || !key.Curve.IsOnCurve(key.X, key.Y) {
			return nil, fmt.Errorf("%s is no P-256 key", path)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// openJWS gives the claims of a compact JWS (ES256) of this type that the key signed, read and as they stand.
func openJWS(jws []byte, key *ecdsa.PublicKey, typ string) (*claims, []byte, error) {
	parts := strings.Split(string(jws), ".")
	if len(parts) != 3 {
		return nil, nil, errors.New("is no JWS")
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return nil, nil, err
		}
	}
	var header struct{ Alg, Typ string }
	if err := json.Unmarshal(raw[0], &header); err != nil {
		return nil, nil, err
	}
	if header.Alg != "ES256" || header.Typ != "holdfast-"+typ+"+jwt" || len(raw[2]) != 64 {
		return nil, nil, fmt.Errorf("is no %s", typ)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])
	if !ecdsa.Verify(key, sum[:], r, s) {
		return nil, nil, errors.New("is not signed by the policy service")
	}
	var said claims
	return &said, raw[1], json.Unmarshal(raw[1], &said)
}

func find(entries []entry, is func(entry) bool) *entry {
	for i := range entries {
		if is(entries[i]) {
			return &entries[i]
		}
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
