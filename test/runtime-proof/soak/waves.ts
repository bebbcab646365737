/** The server in one wave of clients; memory in MiB, times in milliseconds. */
export interface Wave {
  /** Clients that had an open stream at the end of the wait. */
  readonly open: number;
  /** Memory when all were there, and after they had waited, both without garbage. */
  readonly opened: number;
  readonly held: number;
  /** When all had left, with what they left. */
  readonly after: number;
  /** How long the event loop stood still at most while they came, while they waited and while they left. */
  readonly stalls: { readonly coming: number; readonly waiting: number; readonly leaving: number };
}

/** Share by which memory may differ and still be the same: without garbage it differs by one or two hundredths. */
const tolerance = 0.1;

/** What was not flat; empty when memory was. */
export function judgeMemory(waves: readonly Wave[]): readonly string[] {
  const found: string[] = [];
  const [first] = waves;
  for (const [index, { opened, held }] of waves.entries()) {
    const name = `wave ${index + 1}`;
    if (held > opened * (1 + tolerance)) found.push(`${name} grew from ${opened.toFixed(0)} to ${held.toFixed(0)} MiB while its clients only waited`);
    // What the wave before left is garbage until it is collected, which may be in the middle of the wait; what leaks stays.
    const taken = Math.min(opened, held);
    if (first !== undefined && taken > Math.max(first.opened, first.held) * (1 + tolerance)) found.push(`${name} took ${taken.toFixed(0)} MiB where the first took ${first.opened.toFixed(0)} to begin with`);
  }
  if (waves.length < 2) found.push(`${waves.length} waves are too few to judge`);
  return found;
}

/** Clients that were lost. */
export function judgeClients(waves: readonly Wave[], clients: number): readonly string[] {
  return waves.flatMap(({ open }, index) => (open < clients ? [`wave ${index + 1} had ${open} of ${clients} clients at its end`] : []));
}
