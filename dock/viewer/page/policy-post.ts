/** What the policy service answers to a request that this page signed, which is its only credential; undefined when nobody answers. */
export async function postSigned(
  address: URL,
  request: string,
  signal?: AbortSignal,
): Promise<Response | undefined> {
  try {
    return await fetch(address, {
      method: 'POST',
      cache: 'no-store',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ request }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch {
    return undefined;
  }
}
