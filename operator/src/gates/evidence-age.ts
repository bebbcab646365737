/** Evidence older than this, in milliseconds, decides nothing. */
export const staleAfterMs = 30_000;
