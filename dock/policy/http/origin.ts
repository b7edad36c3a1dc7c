/**
 * Pages that people may be led back to and that may ask for keys: loopback addresses at any port (RFC 8252, section 7.3), and
 * those that the operator has named.
 */
export function isLoopbackPage({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

/** The value of an `Origin` header, when it is that of a viewer. */
export function viewerOrigin(origin: string | undefined, viewers: readonly string[]): string | undefined {
  if (origin === undefined || !URL.canParse(origin)) return undefined;
  const url = new URL(origin);
  if (url.origin !== origin) return undefined;
  const isNamed = viewers.some((viewer) => new URL(viewer).origin === origin);
  return isNamed || isLoopbackPage(url) ? origin : undefined;
}
