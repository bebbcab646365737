import { createTextFilter, filterText, type FilterOptions, type Released, type TextFilter } from './text-filter.ts';
import { createLooking } from './looking.ts';
import { isDisguised, type Look } from './undisguised.ts';

/** Characters before a text that decide whether a word begins there. */
const contextLength = 2;

/** Half of a surrogate pair at the end waits for the other half. */
function splitAtHalf(text: string): readonly [string, string] {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? [text.slice(0, -1), text.slice(-1)] : [text, ''];
}

type Acting = Pick<FilterOptions, 'rules' | 'onFound'>;

/** Judges a text as it looks, and lets go of it as it is. */
function createLookFilter(options: Acting, { context, look }: { readonly context: string; readonly look: Look }): TextFilter {
  const looking = createLooking(look, context);
  let half = '';
  const inner = createTextFilter({ ...options, shown: looking.shown });
  inner.push(context);
  return {
    push: (text) => {
      const [whole, rest] = splitAtHalf(half + text);
      half = rest;
      return inner.push(looking.read(whole));
    },
    end: (text = '') => {
      const released = inner.end(looking.read(half + text) + looking.end());
      return released.blockedBy === undefined ? { text: released.text + looking.unseen() } : released;
    },
  };
}

/** Looks once more at what the first filter lets go, for `rules`. */
function chained(first: TextFilter, { look, ...options }: Acting & { readonly look: Look }): TextFilter {
  // With accents a letter is another one as soon as a mark follows, so it is looked at from the beginning.
  let looking = look === 'folded' ? undefined : createLookFilter(options, { context: '', look });
  let before = '';
  const pass = ({ text, blockedBy }: Released, last: 'more' | 'last'): Released => {
    // Until a character is disguised, the text looks as it is, and the first filter has held back what may go on disguised.
    if (looking === undefined && isDisguised(text, look)) looking = createLookFilter(options, { context: before, look });
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

const looks: readonly Look[] = ['folded', 'accented', 'native'];

/** The rules that do something, by how they look at a text. */
function actingBy({ rules }: Pick<FilterOptions, 'rules'>): ReadonlyMap<Look, FilterOptions['rules']> {
  const acting = rules.filter(({ effect }) => effect.kind !== 'observe');
  return new Map(looks.map((look) => [look, acting.filter((rule) => (rule.look ?? 'folded') === look)] as const).filter(([, some]) => some.length > 0));
}

/** A filter that is not deceived by characters that show nothing, look like others, or are put together otherwise: a part that only looks forbidden is treated as one that is. Counts (`Observe`) are of what is written. */
export function createSeeingFilter(options: FilterOptions): TextFilter {
  let filter = createTextFilter(options);
  for (const [look, rules] of actingBy(options)) filter = chained(filter, { rules, onFound: options.onFound, look });
  return filter;
}

/** The whole text through such a filter at once. */
export function filterSeeing(text: string, options: FilterOptions): Released {
  if (options.rules.length === 0) return filterText(text, options);
  const isPlain = [...actingBy(options).keys()].every((look) => !isDisguised(text, look));
  return isPlain ? filterText(text, options) : createSeeingFilter(options).end(text);
}
