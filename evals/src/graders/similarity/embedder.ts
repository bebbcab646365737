/** A model of meaning: texts with like meaning get vectors of like direction. */
export interface Embedder {
  /** `sha256:<hex>` of the model: what another one scored cannot be compared with what this one scores. */
  readonly digest: string;
  /** One vector for each text, in their order, all of one length. Throws when it cannot. */
  readonly embed: (texts: readonly string[], signal: AbortSignal) => Promise<readonly Float32Array[]>;
}

/** Cosine of the angle between two vectors, -1 to 1; NaN when one of them has no direction or they are of different lengths. */
export function cosineSimilarity(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length) return Number.NaN;
  let dot = 0;
  let leftSquare = 0;
  let rightSquare = 0;
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    dot += value * other;
    leftSquare += value * value;
    rightSquare += other * other;
  }
  return dot / Math.sqrt(leftSquare * rightSquare);
}
