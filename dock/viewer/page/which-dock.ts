const DOCK = 'holdfast.dock';

/**
 * The dock to show, where the page comes from a policy service that knows several: the one in `?dock=`, the one of before in this tab,
 * or the first. Only those that the service names count, so no link can lead a token to another.
 */
export function whichDock(docks: readonly string[]): string {
  const asked = new URLSearchParams(location.search).get('dock');
  const wanted = [asked, sessionStorage.getItem(DOCK)].find((one) => one !== null && docks.includes(one));
  const dock = wanted ?? docks[0] ?? '';
  // Signing in comes back without what stood behind the question mark.
  sessionStorage.setItem(DOCK, dock);
  return dock;
}
