import { CELL_HEIGHT, CELL_WIDTH, glyph } from './font.ts';
import type { Footage, Shot } from './footage.ts';

/** The parts of a picture that never change, made once. */
export interface Scene {
  readonly footage: Footage;
  /** Luma of a street that is twice as wide as the picture and repeats. */
  readonly street: Uint8Array;
  /** Noise of -128..127 that each frame reads from another place. */
  readonly noise: Int8Array;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Colour {
  readonly luma: number;
  readonly blue: number;
  readonly red: number;
}

const WHITE = 235;
const BLACK = 16;
// A prime, so that the noise of neighbouring frames never lines up with a row.
const NOISE_STRIDE = 7919;
// The light rises and falls over this long, and the noise with it, so that fragments differ in size as real ones do.
const LIGHT_PERIOD_MS = 16_000;
const STREET_SEED = 0x1c0ffee;

export function makeScene(footage: Footage): Scene {
  const random = xorshift(STREET_SEED);
  const noise = Int8Array.from(
    { length: footage.width * footage.height + NOISE_STRIDE },
    () => random() & 0xff,
  );
  return { footage, street: paintStreet(footage, random), noise };
}

/** Frame `index` of the shot as planar 4:2:0 (all luma, then a quarter each of blue and red), limited range. */
export function drawFrame(scene: Scene, shot: Shot, index: number): Uint8Array {
  const { width, height, fps } = scene.footage;
  const frame = new Uint8Array((width * height * 3) / 2);
  const number = shot.firstFrame + index;
  const mediaMs = Math.round((number * 1000) / fps);
  paintBackground(frame, scene, mediaMs);
  paintTraffic(frame, scene.footage, mediaMs);
  paintText(frame, scene.footage, captions(shot, index, fps));
  return frame;
}

/** What is burned in: who recorded, which frame, and the camera's own clock in UTC. Nobody may need a player to know. */
export function captions(shot: Shot, index: number, fps: number): readonly [string, string] {
  const wallMs = Math.floor(shot.startWallUs / 1000 + (index * 1000) / fps);
  const clock = new Date(wallMs).toISOString().replace('T', ' ');
  const frame = String(shot.firstFrame + index).padStart(6, '0');
  return [`${shot.cameraId} OFFICER ${shot.officerId}`, `${clock} F${frame}`];
}

function paintStreet(footage: Footage, random: () => number): Uint8Array {
  const { width, height } = footage;
  const street = new Uint8Array(width * 2 * height);
  const horizon = Math.floor(height * 0.55);
  for (let y = 0; y < height; y++) {
    const shade =
      y < horizon
        ? 50 + Math.floor((y * 40) / horizon)
        : 70 + Math.floor(((y - horizon) * 60) / (height - horizon));
    street.fill(shade, y * width * 2, (y + 1) * width * 2);
  }
  for (let x = 0; x < width * 2; ) {
    const wide = 24 + (random() & 0x3f);
    paintHouse(street, width * 2, { x, y: horizon - 30 - (random() & 0x7f), width: wide, height: horizon });
    x += wide + (random() & 0x1f);
  }
  return street;
}

function paintHouse(street: Uint8Array, stride: number, house: Rectangle): void {
  const top = Math.max(0, house.y);
  for (let y = top; y < house.height; y++) {
    for (let x = house.x; x < Math.min(house.x + house.width, stride); x++) {
      const lit = (y - top) % 14 > 6 && (x - house.x) % 12 > 6 && y < house.height - 10;
      street[y * stride + x] = lit ? 150 : 84;
    }
  }
}

function paintBackground(frame: Uint8Array, scene: Scene, mediaMs: number): void {
  const { width, height, grain } = scene.footage;
  const scroll = Math.floor(mediaMs / 40) % width;
  const phase = Math.abs(((mediaMs % LIGHT_PERIOD_MS) / LIGHT_PERIOD_MS) * 2 - 1);
  const strength = Math.round(grain * (0.6 + 0.4 * phase));
  const start = (mediaMs * 31) % NOISE_STRIDE;
  for (let y = 0; y < height; y++) {
    const from = y * width * 2 + scroll;
    const to = y * width;
    for (let x = 0; x < width; x++) {
      const grey = scene.street[from + x] ?? 0;
      frame[to + x] = grey + (((scene.noise[start + to + x] ?? 0) * strength) >> 7);
    }
  }
  const luma = width * height;
  frame.fill(132, luma, luma + luma / 4);
  frame.fill(122, luma + luma / 4);
}

function paintTraffic(frame: Uint8Array, footage: Footage, mediaMs: number): void {
  const { width, height } = footage;
  const lane = (speed: number, length: number): number =>
    (((mediaMs * speed) / 1000) % (width + length)) - length;
  const car = Math.floor(width / 6);
  fillRectangle(frame, footage, {
    area: { x: lane(width / 4, car), y: height * 0.62, width: car, height: height / 10 },
    colour: { luma: 90, blue: 90, red: 220 },
  });
  fillRectangle(frame, footage, {
    area: { x: width - lane(width / 6, car) - car, y: height * 0.74, width: car, height: height / 8 },
    colour: { luma: 120, blue: 200, red: 100 },
  });
  fillRectangle(frame, footage, {
    area: { x: lane(width / 12, 20), y: height * 0.5, width: width / 32, height: height / 5 },
    colour: { luma: 200, blue: 100, red: 140 },
  });
}

function fillRectangle(frame: Uint8Array, footage: Footage, fill: { area: Rectangle; colour: Colour }): void {
  const { width, height } = footage;
  const left = Math.max(0, Math.floor(fill.area.x));
  const right = Math.min(width, Math.floor(fill.area.x + fill.area.width));
  const top = Math.max(0, Math.floor(fill.area.y));
  const bottom = Math.min(height, Math.floor(fill.area.y + fill.area.height));
  if (right <= left) return;
  const blue = width * height;
  const red = blue + blue / 4;
  for (let y = top; y < bottom; y++) frame.fill(fill.colour.luma, y * width + left, y * width + right);
  for (let y = top >> 1; y < bottom >> 1; y++) {
    const row = (y * width) / 2;
    frame.fill(fill.colour.blue, blue + row + (left >> 1), blue + row + (right >> 1));
    frame.fill(fill.colour.red, red + row + (left >> 1), red + row + (right >> 1));
  }
}

function paintText(frame: Uint8Array, footage: Footage, lines: readonly string[]): void {
  const { width, height } = footage;
  const longest = Math.max(...lines.map((line) => line.length)) + 1;
  const scale = Math.max(1, Math.min(3, Math.floor(width / (longest * CELL_WIDTH))));
  const lineHeight = (CELL_HEIGHT + 2) * scale;
  lines.forEach((line, row) => {
    const y = row === 0 ? 0 : height - lineHeight;
    const band = { x: 0, y, width, height: lineHeight };
    fillRectangle(frame, footage, { area: band, colour: { luma: BLACK, blue: 128, red: 128 } });
    paintLine(frame, width, { text: line, x: 3 * scale, y: y + scale, scale });
  });
}

function paintLine(
  frame: Uint8Array,
  stride: number,
  line: { readonly text: string; readonly x: number; readonly y: number; readonly scale: number },
): void {
  line.text.split('').forEach((character, column) => {
    glyph(character).forEach((bits, row) => {
      for (let bit = 0; bit < 5; bit++) {
        const x = line.x + (column * CELL_WIDTH + bit) * line.scale;
        // A name too long for the picture is cut at its edge.
        if ((bits & (0x10 >> bit)) === 0 || x + line.scale > stride) continue;
        for (let dot = 0; dot < line.scale; dot++) {
          const at = (line.y + row * line.scale + dot) * stride + x;
          frame.fill(WHITE, at, at + line.scale);
        }
      }
    });
  });
}

// Marsaglia's 32-bit xorshift: the street is the same on every machine, and needs no clock and no chance.
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
