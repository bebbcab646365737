/** At most `digits` decimals and no zeros at the end: 99.5, 100, 0.04. */
export function decimal(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function requestCount(requests: number): string {
  if (requests === 0) return 'no requests';
  return requests === 1 ? '1 request' : `${requests} requests`;
}

/** "1 bad of 52 requests". */
export function badCount({ bad, requests }: { readonly bad: number; readonly requests: number }): string {
  return `${bad} bad of ${requestCount(requests)}`;
}
