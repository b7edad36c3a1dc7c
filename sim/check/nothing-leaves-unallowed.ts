import { decodeEntry } from '../../proto/custody-entry.ts';
import type { WorldEvent } from '../world/history.ts';
import type { Check, DockView, World } from './check.ts';
import { OfficeTimes } from './office-times.ts';
import { WhatWasKnown, type Wish } from './what-was-known.ts';

type Of<What extends WorldEvent['what']> = Extract<WorldEvent, { readonly what: What }>;

const SECOND_US = 1_000_000;
/** An hour, and what a clock that is off by a few hundred millionths makes of it. */
const SESSION_US_MAX = 3_602 * SECOND_US;
/** Two seconds are promised. The rest is for the lines: what was asked on the last of them is answered a moment later. */
export const END_US_MAX = 2_500_000;

/** An opening, and what the service's word on it was. */
interface Opening {
  readonly opened: Of<'opened'>;
  readonly grant: Of<'granted'>;
  /** News up to here was looked at: nothing of it has ended this one, or `endedBy` says when it had to be over. */
  judged: number;
  endedBy?: number;
}

/**
 * Promise 1: not a byte leaves a dock for anybody but by a grant of the policy service for that person, recording, chunk and dock, made
 * when the rules allowed it by the facts on file; with `granted` and `viewed` in the dock's published log before it; and not later
 * than {@link END_US_MAX} after a dock within reach of the service heard of facts by which the rules say no. It judges by what happened, by
 * the logs, and by the rules.
 */
export function nothingLeavesUnallowed(): Check {
  const judge = new Judge();
  return {
    name: 'nothing-leaves-unallowed',
    promise: 1,
    see: (event, world) => judge.see(event, world),
    end: (world) => judge.end(world),
  };
}

class Judge {
  readonly #known = new WhatWasKnown();
  readonly #times = new OfficeTimes();
  readonly #factTimes: number[] = [];
  readonly #grants = new Map<string, Of<'granted'>>();
  readonly #openings = new Map<string, Opening>();
  readonly #used = new Set<string>();
  readonly #delivered: Of<'delivered'>[] = [];
  readonly #keyed: Of<'keyed'>[] = [];

  #hasBegun = false;

  see(event: WorldEvent, world: World): string | undefined {
    // Who is enrolled and which rules hold may be on file before anybody watches.
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      for (const earlier of world.scene.history.events) {
        if (earlier === event) break;
        this.#hear(earlier, world);
      }
    }
    return this.#hear(event, world);
  }

  #hear(event: WorldEvent, world: World): string | undefined {
    this.#times.see(event);
    switch (event.what) {
      case 'fact':
        this.#known.add(event.entry);
        this.#factTimes.push(event.atUs);
        return undefined;
      case 'granted':
        this.#grants.set(event.grantId, event);
        return undefined;
      case 'opened':
        return this.#open(event, world);
      case 'delivered':
        this.#delivered.push(event);
        return this.#leaves(event, world);
      case 'keyed':
        this.#keyed.push(event);
        return this.#gives(event, world);
      default:
        return undefined;
    }
  }

  async end(world: World): Promise<readonly string[]> {
    const found = await Promise.all(world.docks.filter(({ isUp }) => isUp).map((dock) => this.#hold(dock)));
    return found.flat();
  }

  #open(opened: Of<'opened'>, world: World): string | undefined {
    const { grantId, dock, person, recordingId } = opened;
    const grant = this.#grants.get(grantId);
    const say = (why: string): string => `${dock} opened ${recordingId} for ${person} ${why}`;
    if (grant === undefined) return say(`by ${grantId}, which the policy service never gave`);
    if (this.#used.has(grantId)) return say(`by ${grantId}, which had opened something before`);
    this.#used.add(grantId);
    this.#openings.set(opened.session, { opened, grant, judged: 0 });
    if (grant.kind !== 'open') return say(`by ${grantId}, which is for ${grant.kind}`);
    if (grant.dock !== dock || grant.person !== person || grant.recordingId !== recordingId)
      return say(`by ${grantId}, which is for ${grant.person}, ${grant.recordingId} at ${grant.dock}`);
    const missed = this.#factTimes.findIndex((atUs, at) => at >= grant.newestFact && atUs < grant.atUs);
    if (missed >= 0) return say(`by ${grantId}, which does not know of fact ${missed + 1}`);
    if (this.#known.isAllowed(grant, grant.newestFact, msOf(world, grant.atUs))) return undefined;
    return say(`by ${grantId}, although the rules did not allow it`);
  }

  #leaves(event: Of<'delivered'>, world: World): string | undefined {
    const { dock, person, recordingId, index, session, atUs } = event;
    const say = (why: string): string => `chunk ${index} of ${recordingId} left ${dock} for ${person} ${why}`;
    const opening = this.#openings.get(session);
    if (opening === undefined) return say('under no session that was opened');
    const { opened, grant } = opening;
    if (opened.dock !== dock || opened.person !== person || opened.recordingId !== recordingId)
      return say(`under the session of ${opened.person} for ${opened.recordingId} at ${opened.dock}`);
    const [start, end] = grant.chunks;
    if (index < start || index >= end) return say(`under a grant for chunks ${start} to ${end}`);
    if (atUs > grant.atUs + SESSION_US_MAX) return say('more than an hour after the grant');
    if (grant.untilMs !== undefined && msOf(world, atUs - END_US_MAX) > grant.untilMs)
      return say('after the authorisation that it rested on had ended');
    if (this.#times.lifeOf(dock, atUs) !== this.#times.lifeOf(dock, opened.atUs))
      return say('under a session from before that dock lost its power');
    const endedBy = this.#endOf(opening, atUs, world);
    if (endedBy === undefined || atUs <= endedBy) return undefined;
    return say(`${atUs - endedBy} us after its release had to have ended`);
  }

  /** When this opening had to be over by what its dock had heard, where that is before `nowUs`. */
  #endOf(opening: Opening, nowUs: number, world: World): number | undefined {
    const { opened, grant } = opening;
    const news = this.#times.news(opened.dock);
    for (; opening.endedBy === undefined && opening.judged < news.length; opening.judged += 1) {
      const one = news[opening.judged];
      if (one === undefined || one.atUs + END_US_MAX > nowUs) break;
      const isNew = one.isAgain ? one.atUs > grant.atUs : one.index > grant.newestFact;
      const untilUs = one.atUs + END_US_MAX;
      if (!isNew || !this.#times.isReachable(one.atUs, untilUs)) continue;
      if (this.#isDeniedFor(grant, { index: one.index, fromUs: one.atUs, untilUs }, world))
        opening.endedBy = Math.max(untilUs, opened.atUs);
    }
    return opening.endedBy;
  }

  /** Did the rules say no all that time, whichever of the facts that came meanwhile were counted? */
  #isDeniedFor(
    wish: Wish,
    { index, fromUs, untilUs }: { readonly index: number; readonly fromUs: number; readonly untilUs: number },
    world: World,
  ): boolean {
    const times = [msOf(world, fromUs), msOf(world, untilUs)];
    const isMeanwhile = (facts: number): boolean =>
      facts === index || (this.#factTimes[facts - 1] ?? 0) <= untilUs;
    for (let facts = index; facts <= this.#known.newest && isMeanwhile(facts); facts += 1)
      if (times.some((nowMs) => this.#known.isAllowed(wish, facts, nowMs))) return false;
    return true;
  }

  #gives({ person, recordingId, grantId, atUs }: Of<'keyed'>, world: World): string | undefined {
    const say = (why: string): string => `keys of ${recordingId} were given to ${person} ${why}`;
    const grant = this.#grants.get(grantId);
    if (grant === undefined) return say(`by ${grantId}, which the policy service never gave`);
    if (grant.person !== person || grant.recordingId !== recordingId || grant.kind !== 'open')
      return say(`by ${grantId}, which is to ${grant.kind} ${grant.recordingId} for ${grant.person}`);
    if (this.#known.isAllowed(grant, this.#known.newest, msOf(world, atUs))) return undefined;
    return say('although the rules did not allow it then');
  }

  /** What left this dock is in its log, each thing before what it must come before. */
  async #hold(dock: DockView): Promise<readonly string[]> {
    const { size } = await dock.ledger.checkpoint();
    const log = (await dock.ledger.read(0, size)).map((bytes) => decodeEntry(bytes));
    const told = (what: 'granted' | 'viewed', session: string, person: string): number =>
      log.findIndex(
        (entry) =>
          entry.type === what && entry.session === session && entry.person === dock.pseudonym(person),
      );
    const sessions = new Map<string, Of<'delivered'>>();
    for (const one of this.#delivered)
      if (one.dock === dock.dockId && !sessions.has(one.session)) sessions.set(one.session, one);
    const problems: string[] = [];
    for (const { session, person, recordingId, published } of sessions.values()) {
      const say = (why: string): number =>
        problems.push(`${recordingId} left ${dock.dockId} for ${person} ${why}`);
      const granted = told('granted', session, person);
      const viewed = told('viewed', session, person);
      const entry = log[granted];
      if (granted < 0 || granted >= published) say('before its grant was in the published log');
      if (viewed < granted || viewed < 0 || viewed >= published)
        say('before the viewing was in the published log');
      const grantId = this.#openings.get(session)?.opened.grantId;
      if (entry?.type === 'granted' && (entry.grantId !== grantId || entry.recording !== recordingId))
        say(`while the log names ${entry.grantId} for ${entry.recording}`);
    }
    for (const { grantId, recordingId } of this.#keyed) {
      if (this.#grants.get(grantId)?.dock !== dock.dockId) continue;
      const isTold = log.some((entry) => entry.type === 'granted' && entry.grantId === grantId);
      if (!isTold)
        problems.push(
          `keys of ${recordingId} were given, and ${dock.dockId} has not written down ${grantId}`,
        );
    }
    return problems;
  }
}

/** True time as the policy service shows it, milliseconds since 1970. */
function msOf({ scene }: World, atUs: number): number {
  const { clock } = scene;
  return Math.floor((clock.wallUs() - clock.monoUs() + atUs) / 1_000);
}
