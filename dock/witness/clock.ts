/** The only place of this program that reads the time: whole seconds since 1970, UTC by this machine. */
export function nowS(): number {
  return Math.floor(Date.now() / 1_000);
}
