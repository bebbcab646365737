/** `text` within `most` characters: what is left out is left out in whole words, and told by three dots. */
export function wholeWords(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a character would be stored as another one, and differ from this text for ever.
  const kept = text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '');
  const end = kept.search(/\s\S*$/);
  // One word that is longer than all the rest, such as an address, is cut: without it nothing would be said.
  return `${(end < most / 2 ? kept : kept.slice(0, end)).replace(/[\s,;:.]+$/, '')}…`;
}
