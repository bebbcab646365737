import { randomBytes } from 'node:crypto';

/** Eight hexadecimal digits that no other file name carries. */
export function uniqueSuffix(): string {
  return randomBytes(4).toString('hex');
}
