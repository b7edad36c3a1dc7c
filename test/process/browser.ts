/** What a browser has on its screen: a page, or the address outside that it was led to. */
export interface Screen {
  readonly status: number;
  readonly address: string;
  readonly body: string;
}

interface Sent {
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

/** Follows redirects and keeps cookies as a browser does, without running anything. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  /** Addresses so far, redirects included. */
  readonly visited: string[] = [];

  /** Stops, without asking, at an address that begins with `end`. */
  async open(start: string, end: string, by: Sent = {}): Promise<Screen> {
    let address = start;
    let init = by;
    for (let hop = 0; hop < 20; hop += 1) {
      this.visited.push(address);
      if (address.startsWith(end)) return { status: 0, address, body: '' };
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...init.headers, ...(cookie === '' ? {} : { cookie }) };
      const response = await fetch(address, { ...init, redirect: 'manual', headers });
      this.#keep(response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null) return { status: response.status, address, body: await response.text() };
      address = new URL(location, address).href;
      init = {};
    }
    throw new Error(`led in a circle: ${this.visited.slice(-3).join(' -> ')}`);
  }

  /** Sends the form on the screen with these fields besides its hidden ones. */
  send(screen: Screen, end: string, fields: Readonly<Record<string, string>>): Promise<Screen> {
    const [, action = ''] = /<form[^>]*action="([^"]+)"/.exec(screen.body) ?? [];
    const hidden = [...screen.body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const all = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]));
    const body = new URLSearchParams({ ...all, ...fields });
    return this.open(new URL(action, screen.address).href, end, { method: 'POST', body });
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      const [, expires] = /expires=([^;]+)/i.exec(line) ?? [];
      if (value === '' || (expires !== undefined && Date.parse(expires) <= Date.now()))
        this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}
