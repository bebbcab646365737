/** A Date header that is `offsetMs` milliseconds off. */
export function httpDate(offsetMs: number): string {
  return new Date(Date.now() + offsetMs).toUTCString();
}
