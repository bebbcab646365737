import { isMark, undisguised, type Look } from './undisguised.ts';

/** Reads a text as it looks, piece by piece, and remembers what was written for it. */
export interface Looking {
  /** How the text looks, but for a last letter that may get a mark. */
  readonly read: (text: string) => string;
  /** How that letter looks. */
  readonly end: () => string;
  /** What is written for a stretch of what was looked at. Asked for from the beginning to the end: a stretch that is left out is gone with what stands before the next. */
  readonly shown: (from: number, to: number) => string;
  /** What was written at the end and looks like nothing. */
  readonly unseen: () => string;
}

/** A letter with a mark as one character; a mark that makes none is nothing to who looks at Latin letters. */
function withMark(letter: string, mark: string, look: Look): string {
  const whole = (letter + mark).normalize('NFC');
  return look === 'native' || whole.length < letter.length + mark.length ? whole : letter;
}

export function createLooking(look: Look, context: string): Looking {
  // What stands for each unit of the text as it looks, from `first` on.
  let originals: string[] = Array.from({ length: context.length }, () => '');
  let first = 0;
  /** Characters that look like nothing: they go with the one after them. */
  let carried = '';
  let letter: { readonly written: string; readonly looks: string } | undefined;
  const put = ({ written, looks }: { readonly written: string; readonly looks: string }): string => {
    originals.push(written, ...Array.from({ length: looks.length - 1 }, () => ''));
    return looks;
  };
  const end = (): string => {
    const looks = letter === undefined ? '' : put(letter);
    letter = undefined;
    return looks;
  };
  const take = (character: string): string => {
    carried += character;
    const plain = undisguised(character, look);
    if (plain === '') return '';
    const written = carried;
    carried = '';
    if (isMark(plain) && letter !== undefined) {
      letter = { written: letter.written + written, looks: withMark(letter.looks, plain, look) };
      return '';
    }
    const before = end();
    if (look === 'folded') return before + put({ written, looks: plain });
    letter = { written, looks: plain };
    return before;
  };
  return {
    read: (text) => Array.from(text, take).join(''),
    end,
    shown: (from, to) => {
      const text = originals.slice(from - first, to - first).join('');
      originals = originals.slice(to - first);
      first = to;
      return text;
    },
    unseen: () => carried,
  };
}
