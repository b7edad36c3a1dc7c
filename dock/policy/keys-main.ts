import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { fromBase64 } from '../../proto/bytes.ts';
import { parseIdentity } from '../../proto/identity.ts';
import { peekManifest } from '../../proto/manifest.ts';
import { decodePolicyEntry } from '../../proto/policy-entry.ts';
import { microInstant, systemClock } from './clock.ts';
import { badConfig, readDocument, readText } from './config.ts';
import { openCustodianKey, openWrapKey, thumbprintOf } from './custodian/custodian-key.ts';
import { writeDurably } from './custodian/file.ts';
import { JWK_FILE } from './custodian/keys.ts';
import { opens, parseRewraps, rewrap, type Rewrap, rewrapsHeader, type Sealed } from './custodian/rewraps.ts';
import { changePassphrase, rotateCustodianKey } from './custodian/rotate.ts';
import { announceKey, retireKey, RETIRED_JWKS, switchKey } from './custodian/signing.ts';
import { ConfigError, FactError, StoreError, TrustError } from './errors.ts';
import { closeDatabase, lockFolder, openDatabase } from './facts/database.ts';
import { openOutbox, type Outbox } from './facts/outbox.ts';
import { type FactStore, openFactStore } from './facts/store.ts';
import { openWraps, thumbprintText, type WrapsShelf } from './facts/wraps.ts';

const EXIT = { done: 0, failed: 1, usage: 2 } as const;
const PAGE = 200;

interface DataOptions {
  readonly data: string;
  readonly keyPassphraseFile?: string;
  readonly json?: boolean;
}

interface RotateOptions extends DataOptions {
  readonly custodianId?: string;
  readonly lost?: boolean;
}

interface SwitchOptions extends DataOptions {
  readonly back?: boolean;
}

interface RewrapOptions extends DataOptions {
  readonly recoveryKey: string;
  readonly recoveryPassphraseFile?: string;
  readonly to: string;
  readonly output: string;
}

/** `holdfast policy keys …`: with the service stopped. Resolves with 1 when something could not be opened, 2 for wrong flags or files. */
export async function main(argv: readonly string[]): Promise<number> {
  const status: { code: number } = { code: EXIT.done };
  const program = keysCommand(status).exitOverride();
  for (const command of program.commands)
    for (const one of [command, ...command.commands]) one.exitOverride();
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status.code;
  } catch (error) {
    const isExpected = [ConfigError, TrustError, StoreError, FactError].some(
      (known) => error instanceof known,
    );
    if (!isExpected || !(error instanceof Error)) throw error;
    process.stderr.write(`holdfast policy keys: ${error.message}\n`);
    return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
  }
}

function keysCommand(status: { code: number }): Command {
  const program = new Command('holdfast policy keys').description(
    'The keys of a stopped policy service: a new one for cameras to seal to or to sign with, another passphrase, and recovery when one is lost.',
  );
  const data = (name: string, what: string): Command => withData(program.command(name).description(what));
  data('rotate', 'Makes a new key for cameras to seal to; the old one is kept for what was sealed to it.')
    .option('--custodian-id <id>', 'name of the key; default is the present one')
    .option('--lost', 'the old key is gone for ever')
    .action((options: RotateOptions) => rotate(options));
  data('passphrase', 'Encrypts every key under another passphrase.')
    .requiredOption('--new-passphrase-file <file>', 'the new passphrase')
    .action((options: DataOptions & { readonly newPassphraseFile: string }) => passphrase(options));
  data(
    'rewrap',
    'Opens every recording with a recovery key and wraps it for a new custodian key. Works on a copy, away from networks.',
  )
    .requiredOption('--recovery-key <file>', 'recovery.key.pem')
    .option('--recovery-passphrase-file <file>', 'its passphrase')
    .requiredOption('--to <file>', 'custodian.json of the new key')
    .requiredOption('-o, --output <file>', 'where the new wraps go; - is stdout')
    .action(async (options: RewrapOptions) => {
      status.code = await rewrapAll(options);
    });
  data('take', 'Takes the wraps that `rewrap` made, each after a trial with the key they are for.')
    .argument('<file>', 'what `rewrap` wrote')
    .action(async (file: string, options: DataOptions) => {
      status.code = await take(file, options);
    });
  signingCommands(
    program
      .command('signing')
      .description('A new key to sign with, in three steps, without a dock losing sight of it.'),
  );
  return program.addHelpText('after', EXAMPLES);
}

function signingCommands(signing: Command): void {
  withData(signing.command('announce'))
    .description('Makes the next key and publishes it beside the present one, for docks to pin both.')
    .action((options: DataOptions) => announce(options));
  withData(signing.command('switch'))
    .description('Signs with the announced key from the next start on; the one before stays published.')
    .option('--back', 'signs with the one before again, as long as it is not retired')
    .action((options: SwitchOptions) => switchSigning(options));
  withData(signing.command('retire'))
    .description('Destroys the key before; its public half goes to the archive.')
    .action((options: DataOptions) => retire(options));
}

function withData(command: Command): Command {
  return command
    .requiredOption('--data <dir>', 'folder of the policy service')
    .option('--key-passphrase-file <file>', 'passphrase of its keys')
    .option('--json', 'one JSON object on stdout');
}

const EXAMPLES = `
Examples:
  holdfast policy keys rotate --data ./policy --key-passphrase-file passphrase.txt
  holdfast policy keys rotate --data ./policy --lost
  holdfast policy keys signing announce --data ./policy --key-passphrase-file passphrase.txt
  holdfast policy keys signing switch --data ./policy --key-passphrase-file passphrase.txt
  holdfast policy keys rewrap --data ./copy-of-policy --recovery-key /media/usb/recovery.key.pem --to custodian.json -o rewraps.jsonl
  holdfast policy keys take rewraps.jsonl --data ./policy
`;

async function rotate(options: RotateOptions): Promise<void> {
  const identityPath = join(options.data, 'custodian.json');
  if (!existsSync(identityPath))
    throw badConfig(`${options.data} has no custodian.json: it is no folder of a policy service`);
  const id = options.custodianId ?? parseIdentity(readDocument(identityPath)).id;
  await locked(options, async (passphrase) => {
    const done = await rotateCustodianKey(options.data, { id, passphrase, lost: options.lost === true });
    const old =
      done.from === undefined ? 'The old key is gone.' : 'The old key is kept for what was sealed to it.';
    say(options, done, `new key ${done.to}. ${old} Give every camera the new ${identityPath}.`);
  });
}

async function announce(options: DataOptions): Promise<void> {
  await locked(ofService(options), async (passphrase) => {
    const done = await announceKey(options.data, passphrase);
    const both = `${join(options.data, JWK_FILE)} holds both`;
    say(
      options,
      done,
      `signs with ${done.signing}; ${done.next} is next. ${both}: give it to every dock, then switch.`,
    );
  });
}

async function switchSigning(options: SwitchOptions): Promise<void> {
  await locked(ofService(options), async (passphrase) => {
    const done = await switchKey(options.data, {
      ...{ passphrase, back: options.back === true },
      record: (from, to) => recordRotation(options.data, { from, to }),
    });
    const till = 'which is published until it is retired';
    say(options, done, `signs with ${done.to} from the next start on, after ${done.from}, ${till}.`);
  });
}

async function retire(options: DataOptions): Promise<void> {
  await locked(ofService(options), async (passphrase) => {
    const done = await retireKey(options.data, passphrase);
    const archive = join(options.data, RETIRED_JWKS);
    say(
      options,
      done,
      done.retired === undefined
        ? `signs with ${done.signing}; there is no key to retire`
        : `${done.retired} is destroyed; what it signed is verified with ${join(archive, done.retired)}.jwk.json`,
    );
  });
}

/** A folder in which a service has been: in any other, a key made here would be the beginning of a new one. */
function ofService<Options extends DataOptions>(options: Options): Options {
  for (const name of ['facts.db', JWK_FILE])
    if (!existsSync(join(options.data, name)))
      throw badConfig(`${options.data} has no ${name}: it is no folder of a policy service`);
  return options;
}

async function passphrase(options: DataOptions & { readonly newPassphraseFile: string }): Promise<void> {
  const after = passphraseIn(options.newPassphraseFile);
  await locked(options, async (before) => {
    const changed = changePassphrase(options.data, { before, after });
    say(options, { changed }, `${changed.length} keys are encrypted under the new passphrase`);
  });
}

async function rewrapAll(options: RewrapOptions): Promise<number> {
  const identity = parseIdentity(readDocument(options.to));
  if (identity.kind !== 'custodian')
    throw badConfig(`--to ${options.to} is the identity of a ${identity.kind}`);
  // A copy that lacks one of them would be made whole with an empty one, and nothing to do would look like success.
  for (const name of ['facts.db', 'wraps.db'])
    if (!existsSync(join(options.data, name)))
      throw badConfig(`${options.data} has no ${name}: copy it from the folder of the policy service`);
  const { recoveryPassphraseFile: secret } = options;
  const from = await openWrapKey(
    options.recoveryKey,
    secret === undefined ? undefined : passphraseIn(secret),
  );
  return locked(options, async () => {
    const header = rewrapsHeader(from, { thumbprint: thumbprintOf(identity.publicKey) });
    const lines = [header];
    const failed: string[] = [];
    for (const sealed of sealedOnFile(options.data)) {
      const made = await rewrap(from, identity.publicKey, sealed);
      if ('line' in made) lines.push(made.line);
      else failed.push(`${made.recording}: ${made.failed}`);
    }
    const text = `${lines.join('\n')}\n`;
    if (options.output === '-') process.stdout.write(text);
    else writeDurably(options.output, text, 0o600);
    return summed(options, { made: lines.length - 1, failed, toStderr: options.output === '-' });
  });
}

async function take(file: string, options: DataOptions): Promise<number> {
  return locked(options, async (passphrase) => {
    const { id } = parseIdentity(readDocument(join(options.data, 'custodian.json')));
    const custodian = await openCustodianKey(options.data, { id, passphrase });
    const wanted = new Map<string, Rewrap>();
    const { from, rewraps } = parseRewraps(readDocument(file), custodian);
    for (const one of rewraps) wanted.set(placeOf(one.recording, one.manifest), one);
    const failed: string[] = [];
    let made = 0;
    const shelf = openWraps(join(options.data, 'wraps.db'));
    try {
      for (const sealed of sealedOnFile(options.data, shelf)) {
        const place = placeOf(sealed.manifest.recordingId, sealed.manifestHash);
        const one = wanted.get(place);
        if (one === undefined) continue;
        wanted.delete(place);
        if (!(await opens(custodian, sealed, one))) {
          failed.push(`${one.recording}: it does not open for this recording`);
          continue;
        }
        shelf.keepRewrap({ recording: one.recording, manifestHash: one.manifest }, one.wrap);
        made += 1;
      }
    } finally {
      shelf.close();
    }
    if (made > 0) recordRecovery(options.data, { from, to: custodian.thumbprint });
    // Destroyed footage stays destroyed, whatever an older copy of the folder still knew about it.
    for (const { recording } of wanted.values())
      failed.push(`${recording}: it is not on file here, or was destroyed`);
    return summed(options, { made, failed, toStderr: false });
  });
}

/** The service's own ledger says at its next start that keys were taken out of a recovery key. */
function recordRecovery(
  data: string,
  { from, to }: { readonly from: Uint8Array; readonly to: Uint8Array },
): void {
  const [recovery, custodian] = [thumbprintText(from), thumbprintText(to)];
  inOutbox(data, (outbox, at) =>
    outbox.add({ type: 'custodian.recovered', at, from: recovery, to: custodian }),
  );
}

/** It says as well when the service began to sign with another key; once, also when a change that was cut short is finished. */
function recordRotation(data: string, { from, to }: { readonly from: string; readonly to: string }): void {
  inOutbox(data, (outbox, at) => {
    const [newest] = outbox.list(outbox.newest() - 1, 1);
    const last = newest === undefined ? undefined : decodePolicyEntry(newest.entry);
    if (last?.type === 'signer.rotated' && last.from === from && last.to === to) return;
    outbox.add({ type: 'signer.rotated', at, from, to });
  });
}

function inOutbox(data: string, write: (outbox: Outbox, at: string) => void): void {
  const database = openDatabase(join(data, 'facts.db'));
  try {
    write(openOutbox(database), microInstant(systemClock.nowMs()));
  } finally {
    closeDatabase(database);
  }
}

/** Every sealed recording whose manifest and wraps are on file. Manifests were held against their cameras' keys when they came. */
function* sealedOnFile(data: string, open?: WrapsShelf): Generator<Sealed> {
  const database = openDatabase(join(data, 'facts.db'));
  const shelf = open ?? openWraps(join(data, 'wraps.db'));
  try {
    const seen = new Set<string>();
    for (const { recording, manifestHash, manifest } of registrations(openFactStore(database))) {
      const wraps = shelf.find({ recording, manifestHash });
      const place = placeOf(recording, manifestHash);
      if (wraps === undefined || seen.has(place)) continue;
      seen.add(place);
      yield { manifestHash, manifest: peekManifest(fromBase64(manifest)), wraps };
    }
  } finally {
    if (open === undefined) shelf.close();
    closeDatabase(database);
  }
}

function* registrations(
  store: FactStore,
): Generator<{ readonly recording: string; readonly manifestHash: string; readonly manifest: string }> {
  for (let after = 0; ; ) {
    const page = store.list({ after, types: ['recording.registered'], limit: PAGE }, { manifests: true });
    for (const { index, fact } of page) {
      after = index;
      if (fact.type !== 'recording.registered' || fact.manifest === undefined) continue;
      const { recording, manifestHash, manifest } = fact;
      yield { recording, manifestHash, manifest };
    }
    if (page.length < PAGE) return;
  }
}

/** Nobody else may use the folder meanwhile, a service least of all. */
async function locked<Result>(
  { data, keyPassphraseFile }: DataOptions,
  work: (passphrase: string | undefined) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(data)) throw badConfig(`there is no folder ${data}`);
  const unlock = lockFolder(data);
  try {
    return await work(keyPassphraseFile === undefined ? undefined : passphraseIn(keyPassphraseFile));
  } finally {
    unlock();
  }
}

function summed(
  options: DataOptions,
  {
    made,
    failed,
    toStderr,
  }: { readonly made: number; readonly failed: readonly string[]; readonly toStderr: boolean },
): number {
  for (const line of failed) process.stderr.write(`holdfast policy keys: ${line}\n`);
  const sentence = `${made} recordings done, ${failed.length} not`;
  if (toStderr) process.stderr.write(`holdfast policy keys: ${sentence}\n`);
  else say(options, { made, failed }, sentence);
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

const placeOf = (recording: string, manifestHash: string): string => `${recording}/${manifestHash}`;

function passphraseIn(path: string): string {
  const found = readText(path).replace(/\r?\n$/, '');
  if (found === '') throw badConfig(`${path} is empty`);
  return found;
}

function say({ json }: DataOptions, fields: object, sentence: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(fields) : sentence}\n`);
}
