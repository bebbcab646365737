/** Identifiers in the providers' shape: a prefix and a running number, so that two runs of a test give the same ones. */
export interface Ids {
  next(prefix: string): string;
}

export function runningIds(): Ids {
  let last = 0;
  return {
    next: (prefix) => {
      last += 1;
      return `${prefix}01${String(last).padStart(22, '0')}`;
    },
  };
}
