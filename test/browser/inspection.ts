import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** One way to look at a view. `rules`: all of them, or the few that depend on colours and room. */
interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  readonly rules: 'all' | 'some' | 'none';
}

const LOOKS: readonly Look[] = [
  { colorScheme: 'light', width: 1280, rules: 'all' },
  { colorScheme: 'dark', width: 1280, rules: 'some' },
  { colorScheme: 'light', width: 3840, rules: 'none' },
  { colorScheme: 'light', width: 360, rules: 'some' },
  { colorScheme: 'dark', width: 360, rules: 'all' },
];
const HEIGHTS: Readonly<Record<number, number>> = { 360: 740, 1280: 800, 3840: 2160 };
const SEVERE: ReadonlySet<string> = new Set(['serious', 'critical']);
const ROOT_PX = 15;
const WIDEST_TIME = '30 de nov. de 2026, 10:08 PM';

/** What keeps people out of a view, one line each, and what is less than serious. */
export interface Found {
  readonly severe: readonly string[];
  readonly lesser: readonly string[];
}

/**
 * Looks at what the page shows in both colour schemes, from a phone to 4K, with text of twice the size, and in forced colours.
 * `isOurs`: the view's layout is made here, and not by a library.
 */
export async function inspect(page: Page, isOurs = true): Promise<Found> {
  const found = { severe: new Set<string>(), lesser: new Set<string>() };
  for (const look of LOOKS.filter(({ rules }) => isOurs || rules === 'all')) {
    const at = `${look.colorScheme} ${look.width}px`;
    await lookAt(page, look);
    for (const { id, impact, nodes } of await violations(page, look.rules)) {
      const into = SEVERE.has(impact ?? '') ? found.severe : found.lesser;
      for (const node of nodes) into.add(`${at}: ${impact ?? ''} ${id}: ${node.target.join(' ')}`);
    }
    if (isOurs) for (const fault of await layoutFaults(page)) found.severe.add(`${at}: ${fault}`);
  }
  if (isOurs) {
    await lookAt(page, { colorScheme: 'light', width: 1280 });
    for (const fault of await largeTextFaults(page)) found.severe.add(`text of 200 %: ${fault}`);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const fault of await movements(page)) found.severe.add(`moves: ${fault}`);
    await page.emulateMedia({ reducedMotion: null });
  }
  await lookAt(page, { colorScheme: 'light', width: 1280 });
  return { severe: [...found.severe], lesser: [...found.lesser] };
}

/** The same width and colours each time a picture or a measure is taken. */
export async function lookAt(page: Page, { colorScheme, width }: Omit<Look, 'rules'>): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: HEIGHTS[width] ?? 800 });
  // Until the styles of the new width are in force.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function violations(page: Page, rules: Look['rules']): Promise<axe.AxeResults['violations']> {
  if (rules === 'none') return [];
  // The page forbids foreign scripts; the browser's own console may run one.
  if (await page.evaluate(`typeof axe === 'undefined'`)) await page.evaluate(axe.source);
  const runOnly =
    rules === 'all'
      ? { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
      : { type: 'rule', values: ['color-contrast', 'target-size', 'scrollable-region-focusable'] };
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'] });
  const results = await page.evaluate<axe.AxeResults>(`axe.run(document, ${options})`);
  return results.violations;
}

async function largeTextFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate((px) => void (document.documentElement.style.fontSize = `${px}px`), 2 * ROOT_PX);
  const times = await sayTimes(page, undefined);
  const faults = await layoutFaults(page);
  await sayTimes(page, times);
  await page.evaluate(() => void (document.documentElement.style.fontSize = ''));
  return faults;
}

/** Has the rows say these times, or one as wide as any language has it, whatever the hour of the test. Resolves to the times before. */
function sayTimes(page: Page, times: readonly string[] | undefined): Promise<readonly string[]> {
  return page.evaluate(
    ({ said, widest }) =>
      [...document.querySelectorAll('time.row-when')].map((element, at) => {
        const text = element.lastChild;
        const before = text?.textContent ?? '';
        if (text !== null) text.textContent = said === undefined ? widest : (said[at] ?? before);
        return before;
      }),
    { said: times, widest: WIDEST_TIME },
  );
}

/** What still moves, though the person asked for no motion. */
function movements(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('*')].flatMap((element) =>
      ['', '::before', '::after', '::-webkit-progress-value'].flatMap((part) => {
        if (part.startsWith('::-webkit') && element.localName !== 'progress') return [];
        const { transitionDuration, animationName } = getComputedStyle(element, part || null);
        const isStill = /^0s(, 0s)*$/.test(transitionDuration) && animationName === 'none';
        return isStill ? [] : [`${element.localName}.${element.className}${part}`];
      }),
    ),
  );
}

/** Sideways scrolling, cut and overlapping words, and targets too small for a finger. */
function layoutFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const FINGER_PX = 24;
    const faults: string[] = [];
    const named = (element: Element): string => {
      const words = (element.getAttribute('aria-label') ?? element.textContent).trim().replace(/\s+/g, ' ');
      return `${element.localName}.${element.className} "${words.slice(0, 40)}"`;
    };
    // What is there for screen readers alone is cut away by a clip path, its own or that of what it is in.
    const isCutAway = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).clipPath !== 'none' || isCutAway(element.parentElement));
    const isSeen = (element: Element): boolean =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.closest('.watermark') === null &&
      !isCutAway(element);
    const scrolls = (element: Element): boolean => {
      for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement)
        if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
      return false;
    };
    const { scrollWidth = 0 } = document.scrollingElement ?? {};
    if (scrollWidth > innerWidth) faults.push(`scrolls sideways: ${scrollWidth} px`);
    const all = (selector: string): Element[] => [...document.querySelectorAll(selector)].filter(isSeen);
    for (const element of all(
      'h1, h2, h3, p, dd, dt, li, label, button, a, summary, select, .row, .badge, pre',
    )) {
      const { left, right } = element.getBoundingClientRect();
      if ((left < -1 || right > innerWidth + 1) && !scrolls(element))
        faults.push(`leaves the screen: ${named(element)}`);
    }
    for (const element of all(
      'h1, h2, h3, button, a, summary, .row, .badge, .status, .panel, .bay-card, .row *',
    )) {
      // What flows in a line has no width of its own; a box that was left none is cut whole.
      const hasWidth =
        element.clientWidth > 0 || /^(block|flex|grid)$/.test(getComputedStyle(element).display);
      const isSpilt = hasWidth && element.scrollWidth > element.clientWidth + 1;
      if (isSpilt) faults.push(`is cut or spills: ${named(element)}`);
    }
    const boxes = all('h1, h2, h3, button, a, summary, select, .row, input, .row > *').filter(
      (element) => element.closest('.strip') === null,
    );
    const seen = boxes.map((element) => ({ element, box: element.getBoundingClientRect() }));
    for (const [index, one] of seen.entries())
      for (const other of seen.slice(index + 1)) {
        if (one.element.contains(other.element)) continue;
        const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (width > 2 && height > 2)
          faults.push(`overlap: ${named(one.element)} and ${named(other.element)}`);
      }
    for (const element of all('button, a, select, summary, input, [role=button]')) {
      const isInSentence = getComputedStyle(element).display === 'inline' && element.closest('nav') === null;
      const { width, height } = element.getBoundingClientRect();
      if (!isInSentence && (width < FINGER_PX - 0.5 || height < FINGER_PX - 0.5))
        faults.push(`too small to touch, ${width.toFixed()}x${height.toFixed()}: ${named(element)}`);
    }
    return faults;
  });
}

/** What has the focus, by its name, and whether somebody who looks sees that; no name where nothing has it. */
export function focusOf(page: Page): Promise<{ readonly name: string; readonly isVisible: boolean }> {
  return page.evaluate(() => {
    const at = document.activeElement;
    if (!(at instanceof HTMLElement) || at === document.body) return { name: '', isVisible: false };
    const label = at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : '';
    const words = at.getAttribute('aria-label') ?? `${label ?? ''} ${at.textContent}`;
    const name = words.trim().replace(/\s+/g, ' ');
    // A box that is drawn by what stands beside it has its outline there.
    const drawn = getComputedStyle(at).opacity === '0' ? (at.nextElementSibling ?? at) : at;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(drawn);
    const { top, bottom } = drawn.getBoundingClientRect();
    const isOutlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    return { name, isVisible: (isOutlined || boxShadow !== 'none') && bottom > 0 && top < innerHeight };
  });
}
