/** One write that the API server has taken. */
export interface Write {
  readonly object: string;
  readonly writer: string;
  readonly version: number;
}

/** A write of somebody who had been succeeded already. */
export interface LateWrite {
  readonly late: Write;
  /** The first write of the one who came after. */
  readonly after: Write;
}

/**
 * Writes that came from a former leader after the first write of a later one, in the order in which the API server took them (its
 * versions count all writes of all objects). Empty is what leader election promises.
 */
export function lateWrites(writes: readonly Write[]): readonly LateWrite[] {
  const late: LateWrite[] = [];
  const former = new Set<string>();
  let first: Write | undefined;
  for (const write of writes.toSorted((left, right) => left.version - right.version)) {
    if (first !== undefined && former.has(write.writer)) {
      late.push({ late: write, after: first });
    } else if (first?.writer !== write.writer) {
      if (first !== undefined) former.add(first.writer);
      first = write;
    }
  }
  return late;
}

/** Who wrote, in the order of the first writes. */
export function writersOf(writes: readonly Write[]): readonly string[] {
  return [...new Set(writes.toSorted((left, right) => left.version - right.version).map(({ writer }) => writer))];
}
