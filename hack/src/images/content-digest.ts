import { createHash } from 'node:crypto';

/** One input of an image: what it is called and what it holds. */
export interface DigestInput {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** Characters of a tag: enough that two contents never share one, short enough to read. */
const TAG_LENGTH = 16;

/** A tag over named contents, whatever their order. Lengths are hashed too, so that no two lists of inputs look alike. */
export function contentTag(inputs: readonly DigestInput[]): string {
  const hash = createHash('sha256');
  const sorted = inputs.toSorted((left, right) => compare(left.name, right.name));
  for (const { name, content } of sorted) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    hash.update(`${Buffer.byteLength(name)}:${name}:${bytes.byteLength}:`).update(bytes);
  }
  return hash.digest('hex').slice(0, TAG_LENGTH);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
