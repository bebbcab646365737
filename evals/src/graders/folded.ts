/** Case and Unicode composition do not count. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
