/** Scripts without blanks between words: a full text takes all of a sentence for one word. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u30fc\uff70\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]+/gu;

/** A run of such a script without marks, and its neighbours two by two: where a word begins nobody needs to know then. */
function neighbours(run: string): { readonly letters: readonly string[]; readonly pairs: readonly string[] } {
  const letters = Array.from(run.normalize('NFD').replaceAll(/\p{M}/gu, ''));
  return { letters, pairs: letters.slice(1).map((letter, place) => `${letters[place] ?? ''}${letter}`) };
}

function spaced(text: string, wordsOf: (run: ReturnType<typeof neighbours>) => readonly string[]): string {
  return text.replaceAll(unspaced, (run) => ` ${wordsOf(neighbours(run)).join(' ')} `);
}

/** The text as it is indexed: with words that can be found in all scripts. */
export function indexedText(text: string): string {
  return spaced(text, ({ letters, pairs }) => [...letters, ...pairs]);
}

/** Words of a query that count, so that a long one stays quick. */
const maximumTerms = 32;

/** The words of a text that is searched for, each once, in lower case: nothing in them is syntax of a database. */
export function searchTerms(query: string): readonly string[] {
  const words = spaced(query, ({ letters, pairs }) => (pairs.length === 0 ? letters : pairs));
  return [...new Set(words.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [])].slice(0, maximumTerms);
}
