import { utf8 } from '../../proto/bytes.ts';
import { decodeEntry } from '../../proto/custody-entry.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Manifest } from '../../proto/manifest.ts';
import { eventOf } from '../viewer/timeline.ts';
import type { PackageSource } from './build.ts';
import { decisionLines, toldFacts } from './retold.ts';

type Row = readonly [string, string];

const STOPPED: Readonly<Record<Manifest['stopReason'], string>> = {
  button: 'somebody stopped it',
  docked: 'the camera was docked',
  'storage-full': 'the memory of the camera was full',
  battery: 'the battery was nearly empty',
  limit: 'it was as long as a recording may be',
  'power-off': 'the camera was switched off',
  'power-loss': 'the camera lost its power; it ends with the last whole second',
  replay: 'the end of the material that was played',
};

/** README.html: what a package is, for somebody who knows nothing of it. Needs no network, and runs nothing. */
export function readmePage(source: PackageSource): Uint8Array {
  const { recordingId } = source.recording.manifest;
  return utf8(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evidence package ${escaped(recordingId)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
code { background: #f2f2f2; padding: .1rem .3rem; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>Evidence package</h1>
<p>${introduction(source)}</p>
<h2>What it is about</h2>
${table(facts(source))}
${decided(source)}<h2>What is missing or damaged</h2>
${list(losses(source))}
<h2>What happened to it</h2>
<p>From the ledger of dock ${escaped(source.dock.identity.id)}, an append-only log. Each line is an entry in
<code>ledger/entries/</code>, its proof is beside it in <code>ledger/proofs/</code>. People are named by pseudonyms there.</p>
${table(events(source))}
<h2>What was checked, and how to check it again</h2>
${list(checks(source))}
<p>This page is the word of the dock alone. What the camera, the ledger and the policy service signed is in the files beside it.</p>
<p>With holdfast: <code>holdfast verify FILE.zip --vkey KEY</code>, with the key of the ledger from a place you trust. Without
it: <code>check/README.md</code> says how, with <code>sha256sum</code>, <code>openssl</code> and a small program in Go.</p>
</body>
</html>
`);
}

function introduction({ recording, opened, dock, madeAt }: PackageSource): string {
  const { manifest } = recording;
  const content =
    opened === undefined
      ? 'It holds the recording as the camera sealed it: nobody can watch it without the keys that its custodian keeps.'
      : `It holds the recording as the dock stores it${manifest.suite === 0 ? ', which the camera did not seal' : ''}, and beside it, in <code>opened/recording.mp4</code>, the footage to watch, with the grants under which it was opened and the decisions behind them.`;
  return `One recording of a body camera, with everything that shows where it comes from and that it was not changed. Made at
${escaped(madeAt)} by dock ${escaped(dock.identity.id)}. ${content}`;
}

function facts({ recording: { manifest }, accepted, ledger, opened }: PackageSource): readonly Row[] {
  const { started, ended } = manifest;
  const seconds = (ended.monoUs - started.monoUs) / 1_000_000;
  const clock =
    accepted.basis === 'utc' ? 'against UTC' : 'by the clock of the dock, which was not synchronised';
  const bound = `± ${(accepted.uncertaintyUs / 1_000_000).toFixed(6)} s ${clock}`;
  return [
    ['Recording', manifest.recordingId],
    ['Camera', `${manifest.cameraId}, its recording number ${manifest.counter}`],
    ['Officer', `${manifest.officerId}, who held the camera when it recorded`],
    ['Triggered', `${formatInstant(manifest.triggered.wallUs)} by the clock of the camera`],
    ['Begins', `${formatInstant(started.wallUs)} by the clock of the camera`],
    [
      'Ends',
      `${formatInstant(ended.wallUs)}, ${seconds.toFixed(1)} s later: ${STOPPED[manifest.stopReason]}`,
    ],
    ['Not older than', ticketText(manifest, ledger)],
    ['Not younger than', `${accepted.receivedAt} ${bound}: then its last part had arrived at the dock`],
    ['In custody', `${accepted.at}, entry ${entryIndex(ledger, accepted.recording)} of the ledger`],
    ['Size', `${manifest.chunks.length} chunks, ${manifest.contentBytes} bytes, ${manifest.mediaType}`],
    [
      'Incident',
      manifest.incidentTag === '' ? 'none was entered' : `${manifest.incidentTag}, as entered in the camera`,
    ],
    ['Marks', marks(manifest)],
    ['Sealed', manifest.suite === 1 ? 'yes, in the camera (Cobblestone-256)' : 'no'],
    ...(opened === undefined
      ? []
      : [['Opened', `yes, for ${String(opened.decisions[0]?.['sub'])}: see below who allowed it`] as const]),
  ];
}

/** Who allowed it, and on what; nothing in a package that nobody opened. */
function decided({ opened }: PackageSource): string {
  if (opened === undefined) return '';
  const { decisions } = opened;
  const rows = toldFacts(decisions).map(
    ({ index, receivedAt, source, said }) =>
      `<tr>${[index, receivedAt, source, said].map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
  );
  return `<h2>Who allowed it to be opened, and on what</h2>
<p>The policy service, another party than the dock, decided and signed this: <code>policy/decisions/</code>. It asked its rules again with
nothing but the facts below, and they said the same. Each fact is the word of its source and of nobody else; the service says only when it
received it.</p>
${table(decisionLines(decisions))}
<table>
<tr><th>Fact</th><th>Received</th><th>Word of</th><th>When, as the source says, and what</th></tr>
${rows.join('\n')}
</table>
`;
}

function entryIndex({ entries }: PackageSource['ledger'], recording: string): string {
  const found = entries.find(({ bytes }) => {
    const entry = decodeEntry(bytes);
    return entry.type === 'accepted' && entry.recording === recording;
  });
  return String(found?.index ?? 'unknown');
}

function ticketText({ ticket }: Manifest, { growth }: PackageSource['ledger']): string {
  if (ticket === undefined) return 'the camera had seen no checkpoint of a ledger';
  const [origin = '', size = ''] = ticket.split('\n');
  const seen = `the checkpoint of ${origin} with ${size} entries, which the camera had seen`;
  if (growth !== undefined)
    return `${seen}; ledger/ticket.consistency shows that the ledger in this package grew from it`;
  return `${seen}; it is of another log than the one in this package, so nothing here shows when that was`;
}

function marks({ marks: all, started }: Manifest): string {
  if (all.length === 0) return 'none';
  return all
    .map(({ at, kind }) => `${kind} at ${((at.monoUs - started.monoUs) / 1_000_000).toFixed(1)} s`)
    .join(', ');
}

function losses({ recording: { manifest }, ledger }: PackageSource): readonly string[] {
  const lost = manifest.lostChunks ?? 0;
  const named = ledger.entries
    .map(({ index, bytes }) => ({ index, entry: decodeEntry(bytes) }))
    .filter(({ entry }) => ['missing', 'found', 'damaged', 'repaired'].includes(entry.type))
    .map((placed) => eventOf(placed, { you: '', officer: '' }).text);
  const fromCamera = `${lost} chunks at its end, which the camera had signed and lost with its power`;
  const all = [...(lost === 0 ? [] : [fromCamera]), ...named];
  return all.length === 0 ? ['Nothing that the camera or the ledger names.'] : all;
}

function events({ ledger, accepted }: PackageSource): readonly Row[] {
  return ledger.entries.map(({ index, bytes }) => {
    const { at, text } = eventOf(
      { index, entry: decodeEntry(bytes) },
      { you: '', officer: accepted.officer },
    );
    return [`${index} · ${at}`, text];
  });
}

function checks({ wraps, opened }: PackageSource): readonly string[] {
  return [
    'The manifest: its signature holds with the key under which the camera was enrolled in the ledger.',
    'Every chunk: its SHA-256 is the one in the manifest, read back from the disk for this package.',
    'The arrival times, which are those that the ledger accepted.',
    ...(wraps === undefined ? [] : ['The sealed keys, which are those that the camera signed.']),
    'Every ledger entry in this package: its proof leads to the one checkpoint in it.',
    ...(opened === undefined
      ? []
      : [
          'The grants and the decisions behind them: signed by the policy service, about this recording and one another.',
          'The footage: decrypted from these chunks, under the grants of the policy service in policy/.',
        ]),
  ];
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  return `<table>\n${lines.join('\n')}\n</table>`;
}

const list = (lines: readonly string[]): string =>
  `<ul>\n${lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')}\n</ul>`;

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Officers, incidents and marks are whatever somebody typed. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => REFERENCES[character] ?? '');
}
