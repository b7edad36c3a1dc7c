import { ACK_DELAY_MS, ACK_REPEAT_MS, MISSING_RANGES_MAX, MQTT_ACK_REPEAT_MS } from '../../proto/limits.ts';

const ACK_DELAY_US = ACK_DELAY_MS * 1000;
// A broker seldom loses what a bad line loses all the time, and it may have thousands of cameras.
const ACK_REPEAT_US = { serial: ACK_REPEAT_MS * 1000, mqtt: MQTT_ACK_REPEAT_MS * 1000 } as const;
// A storm of repeats is not answered by a storm of Acks.
const REPEATED_EVERY_US = 20_000;
// About the last hundred Data: long enough to tell a bad line from bad luck, short enough to follow it.
const LOSS_WEIGHT = 1 / 32;
// On a line this bad a long Ack would be lost as well.
const LOSS_HIGH = 0.3;
const MISSING_RANGES_BAD = 4;

export type Transport = 'serial' | 'mqtt';

/** When the next Ack goes, and what it knows about the Data that came. */
export interface Acking {
  /** Highest `tx_seq` seen. */
  readonly maxTxSeq: number;
  /** Share of the recent `tx_seq` that did not come, 0 to 1. */
  readonly lossShare: number;
  /** When the last Ack went. */
  readonly ackedUs: number;
  /** When the oldest byte came that no Ack has told of. */
  readonly unackedUs: number | undefined;
  /** When an Ack last went for bytes that were there already. */
  readonly repeatedUs: number | undefined;
  /** An Ack is due now; it waits only for the answer of the staging memory. */
  readonly due: boolean;
}

/** What one Data was, for the Acks. */
export interface Noted {
  readonly txSeq: number;
  readonly asked: boolean;
  readonly fresh: boolean;
  readonly repeated: boolean;
}

export function startAcking(nowUs: number): Acking {
  return {
    maxTxSeq: 0,
    lossShare: 0,
    ackedUs: nowUs,
    unackedUs: undefined,
    repeatedUs: undefined,
    due: false,
  };
}

/** A Data came: at once for a gap, for whoever asks and for what was there already; otherwise after the delay. */
export function noteData(before: Acking, data: Noted, nowUs: number): Acking {
  const ahead = data.txSeq - before.maxTxSeq;
  const isRepeatDue =
    data.repeated && (before.repeatedUs === undefined || nowUs - before.repeatedUs >= REPEATED_EVERY_US);
  const isAsked = data.asked && (ahead > 0 || data.fresh);
  const unackedUs = data.fresh || data.repeated ? (before.unackedUs ?? nowUs) : before.unackedUs;
  return {
    ...before,
    maxTxSeq: Math.max(before.maxTxSeq, data.txSeq),
    lossShare: lossAfter(before.lossShare, Math.max(0, ahead - 1)),
    unackedUs,
    repeatedUs: isRepeatDue ? nowUs : before.repeatedUs,
    due: before.due || ahead > 1 || isAsked || isRepeatDue || isLate(unackedUs, nowUs),
  };
}

/** Time passes: what arrived is said in time, and everything is said again while nothing comes. */
export function noteTime(before: Acking, nowUs: number, transport: Transport): Acking {
  return { ...before, due: before.due || nowUs >= ackDueUs(before, transport) };
}

/** When time alone makes an Ack due. */
export function ackDueUs({ ackedUs, unackedUs }: Acking, transport: Transport): number {
  const repeatUs = ackedUs + ACK_REPEAT_US[transport];
  return unackedUs === undefined ? repeatUs : Math.min(repeatUs, unackedUs + ACK_DELAY_US);
}

export function noteAcked(before: Acking, nowUs: number): Acking {
  return { ...before, ackedUs: nowUs, unackedUs: undefined, due: false };
}

/** Ranges that one Ack names: a short Ack survives noise that a long one does not. */
export function missingMax({ lossShare }: Acking): number {
  return lossShare > LOSS_HIGH ? MISSING_RANGES_BAD : MISSING_RANGES_MAX;
}

function isLate(unackedUs: number | undefined, nowUs: number): boolean {
  return unackedUs !== undefined && nowUs - unackedUs >= ACK_DELAY_US;
}

function lossAfter(share: number, lost: number): number {
  const afterLost = 1 - (1 - share) * (1 - LOSS_WEIGHT) ** lost;
  return afterLost * (1 - LOSS_WEIGHT);
}
