import { randomBytes, randomInt } from 'node:crypto';

/** Eight hexadecimal digits that no other file name carries. */
export function uniqueSuffix(): string {
  return randomBytes(4).toString('hex');
}

/** From `first` to `last`, both included. */
export function randomNumber(first: number, last: number): number {
  return randomInt(first, last + 1);
}
