/** A part of a list, the newest first. */
export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** Where the page before ended: its `next`. */
  readonly after?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** For the page that follows; absent on the last one. */
  readonly next?: string;
}

const MAXIMUM_LIMIT = 100;

/** The sequence number to go on below. A cursor that is none of ours begins at the newest. */
export function pageStart({ after }: PageRequest): number {
  const start = after === undefined || !/^[0-9]{1,15}$/.test(after) ? Number.MAX_SAFE_INTEGER : Number(after);
  return start;
}

/** How many rows to read: one more than the page holds tells whether there is a next one. */
export function pageReach({ limit }: PageRequest): number {
  return Math.min(Math.max(1, Math.trunc(limit)), MAXIMUM_LIMIT) + 1;
}

export function toPage<T>(request: PageRequest, found: readonly { readonly seq: number; readonly item: T }[]): Page<T> {
  const size = pageReach(request) - 1;
  const kept = found.slice(0, size);
  const last = kept.at(-1);
  const items = kept.map(({ item }) => item);
  return found.length > size && last !== undefined ? { items, next: String(last.seq) } : { items };
}
