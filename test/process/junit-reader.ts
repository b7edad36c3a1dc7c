import { spawnSync } from 'node:child_process';
import { peer } from '../peer.ts';

/** An element as a strict XML parser gave it. */
interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly inside: readonly Element[];
}

/** What a report says of one case. */
export interface ReadCase {
  readonly name: string;
  /** Tag of what stands in it; `passed` when nothing does. */
  readonly came: string;
  readonly message: string;
  readonly text: string;
}

interface Rule {
  readonly needs: readonly string[];
  readonly may: readonly string[];
  readonly holds: readonly string[];
}

// Of junit-10.xsd, which the Jenkins plugin xunit holds reports to: the part that a report of ours can use.
const RULES: Readonly<Record<string, Rule>> = {
  testsuites: { needs: [], may: ['name', 'time', 'tests', 'failures', 'errors'], holds: ['testsuite'] },
  testsuite: {
    needs: ['name', 'tests', 'failures', 'errors'],
    may: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    holds: ['testcase'],
  },
  testcase: { needs: ['name'], may: ['time', 'classname', 'group'], holds: ['skipped', 'failure'] },
  failure: { needs: [], may: ['type', 'message'], holds: [] },
  skipped: { needs: [], may: ['type', 'message'], holds: [] },
};
const TIME = /^\d+(\.\d*)?$/;
const READ = `import json, sys, xml.etree.ElementTree as tree
def of(e): return {'tag': e.tag, 'attributes': e.attrib, 'text': e.text or '', 'inside': [of(c) for c in e]}
json.dump(of(tree.fromstring(sys.stdin.buffer.read())), sys.stdout)`;

/** Path of a Python, whose XML parser is expat; undefined where there is none. */
export const python = peer('python3');

/**
 * Reads a report as the strictest build server does: well-formed by a parser of somebody else's, every element and attribute one
 * that the schema knows, every count the number of what it counts. Throws an Error that says what is wrong.
 */
export function readJunit(xml: string): readonly ReadCase[] {
  const { stdout, stderr, status } = spawnSync(python ?? 'python3', ['-c', READ], {
    input: xml,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`not well-formed: ${stderr.trimEnd().split('\n').at(-1)}`);
  const whole = JSON.parse(stdout) as Element;
  if (whole.tag !== 'testsuites') throw new Error(`begins with ${whole.tag}`);
  check(whole);
  const cases = whole.inside.flatMap(({ inside }) => inside);
  for (const counting of [whole, ...whole.inside]) {
    const { tests, failures, skipped } = counting.attributes;
    const own = counting === whole ? cases : counting.inside;
    expectCount(tests, own);
    expectCount(
      failures,
      own.filter(({ inside }) => inside.some(({ tag }) => tag === 'failure')),
    );
    expectCount(
      skipped,
      own.filter(({ inside }) => inside.some(({ tag }) => tag === 'skipped')),
    );
  }
  return cases.map(({ attributes, inside }) => {
    const [came] = inside;
    return {
      name: attributes['name'] ?? '',
      came: came?.tag ?? 'passed',
      message: came?.attributes['message'] ?? '',
      text: came?.text ?? '',
    };
  });
}

function check({ tag, attributes, text, inside }: Element): void {
  const rule = RULES[tag];
  if (rule === undefined) throw new Error(`<${tag}> is not known`);
  for (const name of rule.needs)
    if (attributes[name] === undefined) throw new Error(`<${tag}> lacks ${name}`);
  for (const name of Object.keys(attributes))
    if (!rule.needs.includes(name) && !rule.may.includes(name)) throw new Error(`<${tag}> has ${name}`);
  if (attributes['time'] !== undefined && !TIME.test(attributes['time']))
    throw new Error(`<${tag}> took "${attributes['time']}"`);
  if (rule.holds.length > 0 && text.trim() !== '') throw new Error(`<${tag}> holds text: ${text}`);
  for (const child of inside) {
    if (!rule.holds.includes(child.tag)) throw new Error(`<${tag}> holds <${child.tag}>`);
    check(child);
  }
}

function expectCount(said: string | undefined, counted: readonly unknown[]): void {
  if (said !== undefined && Number(said) !== counted.length)
    throw new Error(`says ${said} where there are ${counted.length}`);
}
