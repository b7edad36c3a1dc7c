import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import type { Command } from './player-keys.ts';
import type { VideoState } from './player-video.ts';
import { clockTime } from './words.ts';

const RATES = [0.25, 0.5, 1, 1.5, 2, 4];
const SAID_MS = 3_000;

interface ControlsProps {
  readonly state: VideoState;
  readonly lengthMs: number;
  readonly hasSound: boolean;
  readonly isFull: boolean;
  readonly onCommand: (command: Command) => void;
  readonly onRate: (rate: number) => void;
  readonly onSound: (sound: { readonly volume: number; readonly muted: boolean }) => void;
  /** The address of this moment. */
  readonly linkNow: () => string;
}

/** The buttons below the picture. */
export function Controls(props: ControlsProps): JSX.Element {
  const { state, lengthMs, hasSound, isFull, onCommand, onRate, onSound, linkNow } = props;
  const { paused, timeS, rate } = state;
  return (
    <div class="controls">
      <Button
        icon={paused ? 'play' : 'pause'}
        name={paused ? 'Play' : 'Pause'}
        keys="K"
        onPress={() => onCommand({ does: 'toggle' })}
      />
      <Button
        icon="frame-back"
        name="One frame back"
        keys=","
        disabled={!paused}
        onPress={() => onCommand({ does: 'frame', by: -1 })}
      />
      <Button
        icon="frame-on"
        name="One frame on"
        keys="."
        disabled={!paused}
        onPress={() => onCommand({ does: 'frame', by: 1 })}
      />
      <span class="time" data-time={timeS.toFixed(2)}>
        {clockTime(timeS * 1_000)} <span class="of">/ {clockTime(lengthMs)}</span>
      </span>
      <span class="space" />
      {hasSound && <Sound state={state} onSound={onSound} />}
      <label class="rate">
        <span class="hidden-words">Speed</span>
        <select value={rate} onChange={({ currentTarget }) => onRate(Number(currentTarget.value))}>
          {[...new Set([...RATES, rate])].map((one) => (
            <option key={one} value={one}>
              {one}×
            </option>
          ))}
        </select>
      </label>
      <CopyLink linkNow={linkNow} />
      <Button
        icon="full-screen"
        name={isFull ? 'Leave full screen' : 'Full screen'}
        keys="F"
        onPress={() => onCommand({ does: 'fullscreen' })}
      />
    </div>
  );
}

function Button({
  icon,
  name,
  keys,
  disabled = false,
  onPress,
}: {
  readonly icon: Parameters<typeof Icon>[0]['name'];
  readonly name: string;
  readonly keys?: string;
  readonly disabled?: boolean;
  readonly onPress: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="control"
      aria-label={name}
      aria-keyshortcuts={keys}
      title={keys === undefined ? name : `${name} (${keys})`}
      aria-disabled={disabled}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

function Sound({ state, onSound }: Pick<ControlsProps, 'state' | 'onSound'>): JSX.Element {
  const { volume, muted } = state;
  return (
    <span class="sound">
      <Button
        icon={muted ? 'silent' : 'sound'}
        name={muted ? 'Sound on' : 'Sound off'}
        onPress={() => onSound({ volume, muted: !muted })}
      />
      <input
        type="range"
        aria-label="Volume"
        data-holds-keys
        min={0}
        max={1}
        step={0.05}
        value={muted ? 0 : volume}
        onInput={({ currentTarget }) => onSound({ volume: Number(currentTarget.value), muted: false })}
      />
    </span>
  );
}

/** Where the browser gives no clipboard, the address is shown to be copied by hand. */
function CopyLink({ linkNow }: Pick<ControlsProps, 'linkNow'>): JSX.Element {
  const [copied, setCopied] = useState<{ readonly link: string; readonly byHand: boolean }>();
  useEffect(() => {
    if (copied === undefined || copied.byHand) return undefined;
    const timer = setTimeout(() => setCopied(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    const link = linkNow();
    try {
      await navigator.clipboard.writeText(link);
      setCopied({ link, byHand: false });
    } catch {
      setCopied({ link, byHand: true });
    }
  };
  return (
    <>
      <Button icon="link" name="Copy link to this moment" onPress={() => void copy()} />
      {copied !== undefined && (
        <span class="copied" role="status">
          {copied.byHand ? (
            <input
              readOnly
              aria-label="Link to this moment"
              value={copied.link}
              ref={(field) => field?.select()}
              onBlur={() => setCopied(undefined)}
            />
          ) : (
            'Link copied'
          )}
        </span>
      )}
    </>
  );
}
