/** Characters that show nothing: they are put into words so that no pattern finds them. Also those of the Tags block, which can spell a hidden text. */
const invisible = /\p{Default_Ignorable_Code_Point}|\p{Cf}/gu;

/** Letters of other scripts that look like Latin ones. */
const lookAlikes: Readonly<Record<string, string>> = { а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ѕ: 's', ј: 'j', ԁ: 'd', ո: 'n', ο: 'o', α: 'a', ν: 'v', ι: 'i', ρ: 'p', τ: 't', в: 'b', к: 'k', м: 'm', н: 'h', т: 't' };
const lookAlike = /[аеорсухіѕјԁոοανιρτвкмнт]/g;

/** The text as a reader sees it: without hidden characters, wide and decorated letters as plain ones, blanks as one blank, in lower case. */
export function normalisedText(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(invisible, '')
    .toLowerCase()
    .replaceAll(lookAlike, (letter) => lookAlikes[letter] ?? letter)
    .replaceAll(/[^\S\n]+/g, ' ');
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
