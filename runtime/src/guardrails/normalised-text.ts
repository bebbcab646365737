/** Characters that show nothing: they are put into words so that no pattern finds them. Also those of the Tags block, which can spell a hidden text. U+0000 stays: it is a sign of its own. */
const invisible = /\p{Default_Ignorable_Code_Point}|\p{Cf}|[^\P{Cc}\0\t\n\v\f\r]/gu;

/** Letters of other scripts that look like Latin ones. */
const lookAlikes: Readonly<Record<string, string>> = { а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ѕ: 's', ј: 'j', ԁ: 'd', ո: 'n', ο: 'o', α: 'a', ν: 'v', ι: 'i', ρ: 'p', τ: 't', в: 'b', к: 'k', м: 'm', н: 'h', т: 't' };
const lookAlike = /[аеорсухіѕјԁոοανιρτвкмнт]/g;

const upperLookAlikes: Readonly<Record<string, string>> = { А: 'A', В: 'B', Е: 'E', К: 'K', М: 'M', Н: 'H', О: 'O', Р: 'P', С: 'C', Т: 'T', Х: 'X', У: 'Y', І: 'I', Ѕ: 'S', Ј: 'J', Α: 'A', Β: 'B', Ε: 'E', Ζ: 'Z', Η: 'H', Ι: 'I', Κ: 'K', Μ: 'M', Ν: 'N', Ο: 'O', Ρ: 'P', Τ: 'T', Υ: 'Y', Χ: 'X' };

/** The Latin letter that a letter of another script looks like; undefined for any other. */
export function latinLookAlike(letter: string): string | undefined {
  return lookAlikes[letter] ?? upperLookAlikes[letter];
}

/** The text as a reader sees it: without hidden characters, wide and decorated letters as plain ones, blanks as one blank, in lower case. */
export function normalisedText(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(invisible, '')
    .toLowerCase()
    .replaceAll(lookAlike, (letter) => lookAlikes[letter] ?? letter)
    .replaceAll(/[^\S\n]+/g, ' ');
}

/** A text without the marks upon its letters. Patterns that are to find something in it must be without them, too. */
export function withoutMarks(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{Mn}/gu, '').normalize('NFC');
}

/** What is written in characters of the Tags block, which nobody sees and models read. */
export function hiddenText(text: string): string {
  let found = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xe0020 && code <= 0xe007e) found += String.fromCodePoint(code - 0xe0000);
  }
  return found;
}
