import { entriesPath, tilePath, TILE_WIDTH } from '../../../proto/tile.ts';

/** Something that a person can do without this page, and what it shows. */
export interface Step {
  readonly shows: string;
  readonly command: string;
}

/** What the commands are about. */
export interface Checked {
  /** Address of the dock, without a slash at the end. */
  readonly dock: string;
  readonly recording: string;
  /** Verifier key of the dock's ledger. */
  readonly vkey: string;
  /** Place of an entry about this recording, and how many entries the ledger has. */
  readonly index: number;
  readonly size: number;
}

/** Each checks one thing by itself; all can be run one after another in the folder of the package. */
export function stepsFor({ dock, recording, vkey, index, size }: Checked): readonly Step[] {
  const folder = recording.slice(0, 8);
  const key = quoted(vkey);
  const pkeyutl = 'openssl pkeyutl -verify -pubin -rawin';
  return [
    { shows: 'Unpack the package.', command: `unzip -q ${recording}.zip -d ${folder}` },
    {
      shows: 'Every chunk is the one that the camera listed.',
      command: `(cd ${folder}/recording && sha256sum -c SHA256SUMS)`,
    },
    {
      shows: 'The camera signed that list.',
      command: `(cd ${folder}/recording/signed && ${pkeyutl} -inkey camera.pub.pem -in manifest-message.bin -sigfile manifest.sig)`,
    },
    {
      shows: 'The dock made the package as it is.',
      command: `(cd ${folder} && ${pkeyutl} -inkey check/dock.pub.pem -in PACKAGE.json -sigfile PACKAGE.sig)`,
    },
    {
      shows: 'All of it together, by a short Go program in the package, which needs nothing of ours.',
      command: `(cd ${folder} && GO111MODULE=off GOPATH=/usr/share/gocode go run check/check.go -vkey ${key} .)`,
    },
    { shows: 'The same by Holdfast.', command: `holdfast verify ${recording}.zip --vkey ${key}` },
    { shows: 'The newest checkpoint of the ledger, signed.', command: `curl -fsS ${dock}/ledger/checkpoint` },
    {
      shows: 'What the ledger says of this recording, from the entries that everybody can read.',
      command: `curl -fsS ${dock}/ledger/${entriesPath(...bundleOf(index, size))} | grep -a -o '{[^}]*"recording":"${recording}"[^}]*}'`,
    },
    {
      shows: 'The hashes of these entries, 32 bytes each, on which the checkpoint rests.',
      command: `curl -fsS ${dock}/ledger/${tilePath(0, ...bundleOf(index, size))} -o hashes`,
    },
  ];
}

/** The bundle that an entry is in, and how many entries it holds in a log of this size. */
function bundleOf(index: number, size: number): readonly [bundle: number, width: number] {
  const bundle = Math.floor(index / TILE_WIDTH);
  return [bundle, Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH)];
}

/** One word to a shell, whatever is in it: the key is the dock's, and whoever runs these commands may not believe it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
