/** A token of the simulator: up to six letters or digits, or one other sign, with the white space before it. About four characters of English. */
const TOKEN = /\s*(?:[\p{L}\p{N}]{1,6}|[^\p{L}\p{N}\s])|\s+$/gu;

/** The tokens of a text; joined they are the text again. */
export function tokens(text: string): readonly string[] {
  return text.match(TOKEN) ?? [];
}

export function countTokens(text: string): number {
  return tokens(text).length;
}
