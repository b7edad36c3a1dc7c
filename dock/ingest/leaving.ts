import type { IngestEffect, IngestState, IngestStep, Upload } from './state.ts';

/**
 * Every way out of an upload gives its memory back: whatever ended it, what is incomplete is parked for the next try,
 * unless the step itself said that it is of no use. The memory goes first, since what follows may need it.
 */
export function closing(before: IngestState, [after, effects]: IngestStep): IngestStep {
  const [left, next] = [uploadOf(before), uploadOf(after)];
  if (left === undefined || next?.stream === left.stream) return [after, effects];
  if (effects.some((effect) => effect.effect === 'leave')) return [after, effects];
  // What is being written is the store's now: it is durable soon, or it was refused.
  const parked = left.units.filter((unit) => unit.bytes !== undefined && !unit.writing);
  const leave: IngestEffect = { effect: 'leave', stream: left.stream, parked };
  return [after, [leave, ...effects]];
}

function uploadOf(state: IngestState): Upload | undefined {
  return state.at === 'docked' && state.work.doing === 'receiving' ? state.work.upload : undefined;
}
