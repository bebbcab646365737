/** Words that say nothing about the subject of a sentence. */
const STOP_WORDS = new Set(
  ('a about after all also am an and any anyone are as ask at be been before but by can could customer did do does for from get give ' +
    'had has have hello her here hi him his how i if in into is it its just know let like may me my need no not of off on only or our ' +
    'out please reply say she should so some tell than thank thanks that the their them then there these they this those to too until up us ' +
    'use user want was we were what when where which who why will with would yes you your answer').split(' '),
);

/** [ending, what replaces it, shortest stem left]: a light suffix stripper, enough to join `refunds`, `refunded` and `refund`. */
const ENDINGS: readonly (readonly [string, string, number])[] = [
  ['ies', 'y', 2],
  ['ing', '', 4],
  ['ed', '', 4],
  ['es', 'e', 4],
  ['s', '', 3],
];

/** The distinct subject words of a text, stemmed, in order of appearance. */
export function significantWords(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.filter((word) => !STOP_WORDS.has(word)).map(stem))];
}

/** The words of an identifier: `orderStatus_v2` has `order`, `status` and `v2`. */
export function identifierWords(identifier: string): readonly string[] {
  return significantWords(identifier.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replaceAll('_', ' '));
}

/** Sentences and list items of a text, without their bullets. */
export function sentences(text: string): readonly string[] {
  return text
    .split(/\n+|(?<=[.!?])\s+/u)
    .map((part) => part.replace(/^\s*(?:[-*#>]+|\d+[.)])\s+/u, '').trim())
    .filter((part) => part !== '');
}

/** How many of `left` are in `right`. */
export function shared(left: readonly string[], right: readonly string[]): number {
  const known = new Set(right);
  return left.filter((word) => known.has(word)).length;
}

function stem(word: string): string {
  for (const [ending, replacement, shortest] of ENDINGS) {
    if (word.endsWith(ending) && !word.endsWith('ss') && word.length - ending.length >= shortest) {
      return trimE(word.slice(0, -ending.length) + replacement);
    }
  }
  return trimE(word);
}

/** `charge`, `charged` and `charging` must meet: none keeps its final e. */
function trimE(word: string): string {
  return word.length > 4 && word.endsWith('e') ? word.slice(0, -1) : word;
}
