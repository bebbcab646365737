import { createTextFilter, filterText, type FilterOptions, type Released, type TextFilter } from './text-filter.ts';
import { isDisguised, undisguised } from './undisguised.ts';

/** Characters before a text that decide whether a word begins there. */
const contextLength = 2;

/** Half of a surrogate pair at the end waits for the other half. */
function splitAtHalf(text: string): readonly [string, string] {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? [text.slice(0, -1), text.slice(-1)] : [text, ''];
}

/** Judges a text as it looks, and lets go of it as it is. */
function createLookFilter(options: Pick<FilterOptions, 'rules' | 'onFound'>, context: string): TextFilter {
  // What stands for each unit of the text as it looks, from `first` on.
  let originals: string[] = Array.from(context, () => '');
  let first = 0;
  /** Characters that look like nothing: they go with the one after them. */
  let carried = '';
  let half = '';
  /** A stretch that was struck out is never asked for, and gone with what stands before the next. */
  const shown = (from: number, to: number): string => {
    const text = originals.slice(from - first, to - first).join('');
    originals = originals.slice(to - first);
    first = to;
    return text;
  };
  const inner = createTextFilter({ ...options, shown });
  const look = (text: string): string => {
    let looks = '';
    for (const character of text) {
      carried += character;
      const plain = undisguised(character);
      if (plain === '') continue;
      originals.push(carried, ...Array.from({ length: plain.length - 1 }, () => ''));
      looks += plain;
      carried = '';
    }
    return looks;
  };
  inner.push(context);
  return {
    push: (text) => {
      const [whole, rest] = splitAtHalf(half + text);
      half = rest;
      return inner.push(look(whole));
    },
    end: (text = '') => {
      const released = inner.end(look(half + text));
      return released.blockedBy === undefined ? { text: released.text + carried } : released;
    },
  };
}

function chained(first: TextFilter, { rules, onFound }: Pick<FilterOptions, 'rules' | 'onFound'>): TextFilter {
  let looking: TextFilter | undefined;
  let before = '';
  const pass = ({ text, blockedBy }: Released, last: 'more' | 'last'): Released => {
    // Until a character is disguised, the text looks as it is, and the first filter has held back what may go on disguised.
    if (looking === undefined && isDisguised(text)) looking = createLookFilter({ rules, onFound }, before);
    before = (before + text).slice(-contextLength);
    if (looking === undefined) return blockedBy === undefined ? { text } : { text, blockedBy };
    const seen = last === 'last' || blockedBy !== undefined ? looking.end(text) : looking.push(text);
    return seen.blockedBy === undefined && blockedBy !== undefined ? { text: seen.text, blockedBy } : seen;
  };
  let ended: Released | undefined;
  const kept = (released: Released): Released => {
    if (released.blockedBy !== undefined) ended = { text: '', blockedBy: released.blockedBy };
    return released;
  };
  return {
    push: (text) => ended ?? kept(pass(first.push(text), 'more')),
    end: (text) => ended ?? kept(pass(first.end(text), 'last')),
  };
}

/** A filter that is not deceived by characters that show nothing, or look like others: a part that only looks forbidden is treated as one that is. Counts (`Observe`) are of what is written. */
export function createSeeingFilter(options: FilterOptions): TextFilter {
  const acting = options.rules.filter(({ effect }) => effect.kind !== 'observe');
  const plain = createTextFilter(options);
  return acting.length === 0 ? plain : chained(plain, { rules: acting, onFound: options.onFound });
}

/** The whole text through such a filter at once. */
export function filterSeeing(text: string, options: FilterOptions): Released {
  return isDisguised(text) ? createSeeingFilter(options).end(text) : filterText(text, options);
}
