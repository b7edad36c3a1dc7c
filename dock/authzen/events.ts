import type { PolicyEvent } from '../ports.ts';
import { isCount, isFields, isText } from './shape.ts';

// One event is a few hundred characters. A peer that sends a longer line is not the service we know.
const EVENT_CHARACTERS_MAX = 16 * 1024;
const RECORDINGS_MAX = 256;

/**
 * Splits a server-sent event stream (WHATWG HTML, section 9.2) into policy events. Comments and events of other
 * kinds yield nothing. `broken` once a line or event is longer than it may be; the rest is then ignored.
 */
export class EventParser {
  #rest = '';
  #kind = '';
  #lines: string[] = [];
  #characters = 0;
  broken = false;

  push(text: string): readonly PolicyEvent[] {
    const events: PolicyEvent[] = [];
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (event !== undefined && !this.broken) events.push(event);
    }
    if (this.#rest.length > EVENT_CHARACTERS_MAX) this.broken = true;
    if (this.broken) this.#rest = '';
    return events;
  }

  #line(line: string): PolicyEvent | undefined {
    if (line === '') return this.#finish();
    this.#characters += line.length;
    if (this.#characters > EVENT_CHARACTERS_MAX) this.broken = true;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#kind = value;
    if (field === 'data') this.#lines.push(value);
    return undefined;
  }

  #finish(): PolicyEvent | undefined {
    const event = readEvent(this.#kind, this.#lines.join('\n'));
    this.#kind = '';
    this.#lines = [];
    this.#characters = 0;
    return event;
  }
}

function readEvent(kind: string, data: string): PolicyEvent | undefined {
  if (kind === 'rules') return { event: 'rules' };
  return kind === 'fact' ? readFact(data) : undefined;
}

/** A list that is not one names nothing, and what names nothing is about everything. */
function isRecordings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= RECORDINGS_MAX && value.every((one) => isText(one, 128));
}

function readFact(data: string): PolicyEvent | undefined {
  let fact: unknown;
  try {
    fact = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (!isFields(fact) || !isCount(fact['index']) || !isText(fact['type'], 64)) return undefined;
  const { index, type, incident, recording, person, recordings } = fact;
  return {
    event: 'fact',
    index,
    type,
    ...(isText(incident, 128) ? { incident } : {}),
    ...(isText(recording, 128) ? { recording } : {}),
    ...(isText(person, 128) ? { person } : {}),
    ...(isRecordings(recordings) ? { recordings } : {}),
  };
}
