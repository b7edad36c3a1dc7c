import { readFileSync } from 'node:fs';
import $protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import * as limits from '../../proto/limits.ts';
import { MESSAGE_TYPE } from '../../proto/messages.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/PROTOCOL.md');
const schema = $protobuf.parse(read('proto/evidence.proto'), { keepCase: true }).root.lookup('bwc.v1');

/** Text of one numbered section of the page. */
function section(number: number): string {
  return page.split(/^## /m).find((text) => text.startsWith(`${number}. `)) ?? '';
}

/** Rows of the tables in a section, cell by cell. */
function rows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** Fields by message as section 3 lists them; an empty first cell goes on with the message above. */
function describedFields(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  let current: readonly string[] = [];
  for (const [names = '', fields = ''] of rows(section(3)).slice(2)) {
    if (names !== '') current = names.split(', ');
    for (const name of current) {
      const known = found.get(name) ?? new Set<string>();
      fields.split(', ').forEach((field) => known.add(field));
      found.set(name, known);
    }
  }
  return found;
}

// Goal: somebody writes a client from the page alone, so nothing in the schema may be missing on it.
// Method: compare the page's tables with the parsed schema, message by message and field by field.
describe('the protocol page', () => {
  test('names every message with its type byte', () => {
    const described = rows(section(1)).flatMap(([bytes = '', names = '']) => {
      const numbers = bytes.split(' / ');
      return names.split(' / ').map((name, index) => [name, numbers[index]] as const);
    });
    for (const [type, number] of Object.entries(MESSAGE_TYPE)) {
      const name = type.replace(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
      expect(described).toContainEqual([name, number.toString(16).padStart(2, '0')]);
    }
  });

  // A Manifest is described in prose and by its vector: it is custody's, not the wire's.
  const custody = new Set([
    'Moment',
    'Mark',
    'Mute',
    'BatteryUse',
    'TrackPoint',
    'ChunkInfo',
    'Manifest',
    'SignedManifest',
    'Wrap',
    'Wraps',
    'Head',
    'SignedHead',
  ]);
  const messages = (schema instanceof $protobuf.Namespace ? schema.nestedArray : []).filter(
    (one): one is $protobuf.Type => one instanceof $protobuf.Type && !custody.has(one.name),
  );
  const described = describedFields();
  test.each(messages.map((message) => [message.name, message] as const))('describes %s', (name, message) => {
    const fields = [...(described.get(name) ?? [])];
    expect(fields.toSorted()).toEqual(message.fieldsArray.map((field) => field.name).toSorted());
  });

  test('describes every error code and class', () => {
    const words = rows(section(12)).flatMap(([first = '']) => first.split(', '));
    for (const name of ['ErrorCode', 'ErrorClass']) {
      const values = schema instanceof $protobuf.Namespace ? schema.lookupEnum(name).values : {};
      const prefix = name === 'ErrorCode' ? 'ERROR_CODE_' : 'ERROR_CLASS_';
      for (const value of Object.keys(values)) {
        const word = value.slice(prefix.length).toLowerCase().replaceAll('_', '-');
        if (word !== 'unspecified') expect(words).toContain(word);
      }
    }
  });

  // Numbers are written for people, so each is looked up by the row that must hold it.
  test.each([
    ['chunk', [limits.STORED_CHUNK_BYTES_MAX]],
    ['chunks in a recording', [limits.CHUNKS_MAX]],
    ['SignedManifest', [limits.MANIFEST_BYTES_MAX]],
    ['PDU, serial', [limits.SERIAL_PDU_BYTES_MAX]],
    ['PDU, MQTT', [limits.MQTT_PDU_BYTES_MAX]],
    ['Data payload, serial', [limits.SERIAL_FRAGMENT_BYTES_MIN, limits.SERIAL_FRAGMENT_BYTES_MAX]],
    ['Data payload, MQTT', [limits.MQTT_FRAGMENT_BYTES_MAX]],
    ['credit', [limits.CREDIT_UNITS_PER_STREAM]],
    ['missing or held ranges', [limits.MISSING_RANGES_MAX]],
    ['text for people', [limits.MESSAGE_TEXT_BYTES_MAX]],
    ['Offer again', [limits.OFFER_RETRY_MS / 1000]],
    ['Fin again', [limits.FIN_RETRY_MS / 1000]],
    ['Ack delay', [limits.ACK_DELAY_MS]],
    ['Ack again', [limits.ACK_REPEAT_MS, limits.MQTT_ACK_REPEAT_MS]],
    ['tail probe', [limits.PROBE_MS_MIN, limits.PROBE_MS_MAX / 1000]],
    ['Ping', [limits.PING_EVERY_MS / 1000, limits.MQTT_PING_EVERY_MS / 1000]],
    ['silence', [limits.SESSION_SILENCE_MS / 1000, limits.MQTT_SESSION_SILENCE_MS / 1000]],
    ['idle Ping / idle silence', [limits.IDLE_PING_EVERY_MS / 1000, limits.IDLE_SILENCE_MS / 1000]],
    ['propose again', [limits.PROPOSE_RETRY_MS, limits.PROPOSE_TRIES]],
    ['guard', [limits.GUARD_MS]],
    ['link watchdog', [limits.LINK_WATCHDOG_MS / 1000]],
    ['parked bytes', [limits.PARKED_MS / 1000]],
  ])('gives the numbers of the code: %s', (name, numbers) => {
    const [, written = ''] = rows(section(2)).find(([first]) => first === name) ?? [];
    const found = written.replaceAll(',', '').match(/\d+(\.\d+)?/g) ?? [];
    for (const number of numbers) expect(found).toContain(String(number));
  });
});
