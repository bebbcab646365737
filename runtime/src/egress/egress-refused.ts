/** A connection that the policy of a tool does not allow. Nothing was sent. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
}

/** The refusal in an error or among its causes: HTTP clients wrap what a connect throws. */
export function refusalIn(error: unknown): EgressRefused | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if (current instanceof EgressRefused) return current;
    current = current.cause;
  }
  return undefined;
}
