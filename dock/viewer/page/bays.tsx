import type { JSX } from 'preact';
import type { ShownBay } from '../schema/bays.ts';
import {
  bayTitle,
  faultText,
  lookOf,
  mbit,
  minutesInWords,
  receiptWord,
  timeOfDay,
  titleOf,
} from './bay-words.ts';
import { Icon } from './icons.tsx';
import { bytesInWords } from './words.ts';

const BATTERY_LOW_PERCENT = 20;

interface BayProps {
  readonly bay: ShownBay;
  /** When the dock said so, by this page's clock. */
  readonly atMs: number;
}

/** One bay, to be read from the other end of the room: who, how it stands, how far, and what is wrong. */
export function BayCard({ bay, atMs }: BayProps): JSX.Element {
  const { tone, word, icon } = lookOf(bay);
  const { fault, lastReceipt } = bay;
  return (
    <li class={`bay-card tone-${tone}`} data-bay={bay.name} data-state={bay.state}>
      <div class="bay-who">
        <h2>{titleOf(bay)}</h2>
        <p class="bay-place">{placeOf(bay)}</p>
      </div>
      <p class="bay-word">
        <Icon name={icon} />
        <b>{word}</b>
        <span class="bay-since">since {timeOfDay(bay.since)}</span>
      </p>
      {fault !== undefined && (
        <p class="bay-fault">
          {fault.camera !== undefined && fault.camera !== bay.camera ? `${fault.camera}: ` : ''}
          {faultText(fault)} <b>Since {timeOfDay(fault.at)}.</b>
        </p>
      )}
      <Progress bay={bay} />
      <Figures bay={bay} atMs={atMs} />
      {lastReceipt !== undefined && (
        <p class="bay-receipt">
          <Icon name={lastReceipt.outcome === 'accepted' ? 'check' : 'warning'} /> {receiptWord(lastReceipt)}{' '}
          at {timeOfDay(lastReceipt.at)}
          {lastReceipt.camera === bay.camera ? '' : ` from ${lastReceipt.camera}`}
        </p>
      )}
    </li>
  );
}

function placeOf({ camera, name, transport, officer }: ShownBay): string {
  const kind = transport === 'serial' ? 'Serial bay' : '';
  const place = camera === undefined ? kind : bayTitle(name);
  return [place, officer === undefined ? '' : `Officer ${officer}`].filter((part) => part !== '').join(' · ');
}

function Progress({ bay }: { readonly bay: ShownBay }): JSX.Element | null {
  const { durableBytes, totalBytes } = bay;
  if (durableBytes === undefined || totalBytes === undefined || totalBytes === 0) return null;
  return (
    <div class="bay-progress">
      <p>
        <b>{Math.floor((100 * durableBytes) / totalBytes)} %</b>{' '}
        <span>
          {megabytes(durableBytes)} of {megabytes(totalBytes)} MB
        </span>
      </p>
      <progress value={durableBytes} max={totalBytes} aria-label={`Upload from ${titleOf(bay)}`} />
    </div>
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

function Figures({ bay, atMs }: BayProps): JSX.Element | null {
  const { bitsPerSecond, secondsLeft, queue, queueSecondsLeft, batteryPercent } = bay;
  return (
    <dl class="bay-figures">
      {bitsPerSecond !== undefined && (
        <div>
          <dt>Rate</dt>
          <dd>{mbit(bitsPerSecond)} Mbit/s</dd>
        </div>
      )}
      {secondsLeft !== undefined && <Left name="Here by" atMs={atMs} seconds={secondsLeft} />}
      {queue !== undefined && (
        <div>
          <dt>Waiting</dt>
          <dd>{queueInWords(queue)}</dd>
        </div>
      )}
      {queueSecondsLeft !== undefined && (queue?.recordings ?? 0) > 1 && (
        <Left name="All by" atMs={atMs} seconds={queueSecondsLeft} />
      )}
      {batteryPercent !== undefined && <Battery percent={batteryPercent} of={titleOf(bay)} />}
    </dl>
  );
}

function Left({
  name,
  atMs,
  seconds,
}: {
  readonly name: string;
  readonly atMs: number;
  readonly seconds: number;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {timeOfDay(atMs + seconds * 1_000)} <span>({minutesInWords(seconds)})</span>
      </dd>
    </div>
  );
}

function queueInWords({ recordings, bytes }: NonNullable<ShownBay['queue']>): string {
  if (recordings === 0) return 'nothing';
  const count = recordings === 1 ? '1 recording' : `${recordings} recordings`;
  return bytes === undefined ? count : `${count}, ${bytesInWords(bytes)}`;
}

function Battery({ percent, of }: { readonly percent: number; readonly of: string }): JSX.Element {
  return (
    <div class={percent <= BATTERY_LOW_PERCENT ? 'battery low' : 'battery'}>
      <dt>Battery</dt>
      <dd>
        <progress value={percent} max={100} aria-label={`Battery of ${of}`} /> {percent} %
      </dd>
    </div>
  );
}
