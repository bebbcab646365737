import type { Detector } from './detector.ts';
import type { OpenMatches } from './open-matches.ts';
import type { Look } from './undisguised.ts';

/** What is done with each part that a detector finds. */
export type FoundEffect = { readonly kind: 'block' } | { readonly kind: 'redact'; readonly replacement: string } | { readonly kind: 'observe' };

export interface FilterRule {
  readonly rule: string;
  readonly detector: Detector;
  readonly effect: FoundEffect;
  /** How a text in disguise is looked at for it; not set: without accents. */
  readonly look?: Look | undefined;
}

export interface FilterOptions {
  readonly rules: readonly FilterRule[];
  /** Longest text that leaves, with the rule that says so; more is blocked. */
  readonly longest?: { readonly rule: string; readonly characters: number } | undefined;
  /** Told of each part that a rule found. */
  readonly onFound: (rule: FilterRule) => void;
  /** What leaves in the place of a stretch of the text, by its places in the whole; asked for from the beginning to the end. Not set: the stretch itself. */
  readonly shown?: (from: number, to: number) => string;
}

/** What may leave now; `blocked`: nothing more may. */
export interface Released {
  readonly text: string;
  readonly blockedBy?: string;
}

/**
 * Lets a text through in pieces, changed as the rules say. What may still turn out to be a part of something forbidden is held back, so
 * the pieces put together are the same for every way of cutting the text, and no character of a blocked part ever leaves.
 */
export interface TextFilter {
  readonly push: (text: string) => Released;
  /** Lets go what was held back, after a last piece. */
  readonly end: (text?: string) => Released;
}

/** A rule on its way through one text; `place` in the buffer: it has judged all before. */
interface Followed extends FilterRule {
  readonly matches: OpenMatches;
  place: number;
}

interface Found {
  readonly by: FilterRule;
  readonly start: number;
  readonly end: number;
}

/** Two UTF-16 units before a place are the character beside it, whatever it is. */
const contextUnits = 2;

/** The leftmost finding that begins before `limit`; of two at one place, that of the first rule. */
function firstFound(rules: readonly FilterRule[], text: string, { from, limit }: { readonly from: number; readonly limit: number }): Found | undefined {
  let first: Found | undefined;
  if (from >= limit) return undefined;
  for (const by of rules) {
    const span = by.detector.find(text, from);
    if (span !== undefined && span.start < (first?.start ?? limit)) first = { by, ...span };
  }
  return first;
}

function ofKind(rules: readonly Followed[], kind: FoundEffect['kind']): readonly Followed[] {
  return rules.filter(({ effect }) => effect.kind === kind);
}

/** What the longest size lets through of a text when `released` characters of it went before. */
function bounded(text: string, longest: FilterOptions['longest'], released: number): Released {
  if (longest === undefined) return { text };
  const room = longest.characters - released;
  return text.length > room ? { text: text.slice(0, room), blockedBy: longest.rule } : { text };
}

export function createTextFilter(options: FilterOptions): TextFilter {
  const followed: readonly Followed[] = options.rules.map((rule) => ({ ...rule, matches: rule.detector.follow(), place: 0 }));
  let buffer = '';
  /** Where the buffer begins in the whole text. */
  let origin = 0;
  /** All of the buffer before has left, changed or not. */
  let cursor = 0;
  /** No blocked part begins before. */
  let cleared = 0;
  let released = 0;
  let blockedBy: string | undefined;

  const show = (from: number, to: number): string => options.shown?.(origin + from, origin + to) ?? buffer.slice(from, to);
  const forget = (): void => {
    const drop = Math.max(0, Math.min(cleared, cursor, ...followed.map(({ place }) => place)) - contextUnits);
    buffer = buffer.slice(drop);
    origin += drop;
    cursor -= drop;
    cleared -= drop;
    for (const rule of followed) rule.place -= drop;
  };
  const observe = (rules: readonly Followed[], limit: number): void => {
    for (const rule of ofKind(rules, 'observe')) {
      for (let found = firstFound([rule], buffer, { from: rule.place, limit }); found !== undefined; found = firstFound([rule], buffer, { from: rule.place, limit })) {
        options.onFound(rule);
        rule.place = found.end;
      }
    }
    for (const rule of followed) rule.place = Math.max(rule.place, limit);
  };
  /** The text from the cursor to `limit` with what is struck out replaced; a struck part that goes on behind the limit is left whole. */
  const redactedTo = (rules: readonly Followed[], limit: number): string => {
    let text = '';
    const redacting = ofKind(rules, 'redact');
    for (let found = firstFound(redacting, buffer, { from: cursor, limit }); found !== undefined; found = firstFound(redacting, buffer, { from: cursor, limit })) {
      options.onFound(found.by);
      text += show(cursor, found.start) + (found.by.effect.kind === 'redact' ? found.by.effect.replacement : '');
      cursor = found.end;
    }
    if (cursor >= limit) return text;
    text += show(cursor, limit);
    cursor = limit;
    return text;
  };
  const ended = (text: string, rule: string | undefined): Released => {
    blockedBy = rule;
    return rule === undefined ? { text } : { text, blockedBy: rule };
  };
  const measured = (text: string, rule: string | undefined): Released => {
    const within = bounded(text, options.longest, released);
    released += text.length;
    return ended(within.text, within.blockedBy ?? rule);
  };
  const releaseTo = (limit: number, rules: readonly Followed[]): Released => {
    const blocked = firstFound(ofKind(rules, 'block'), buffer, { from: cleared, limit });
    const end = blocked?.start ?? limit;
    observe(rules, end);
    const text = redactedTo(rules, end);
    cleared = Math.max(cleared, end);
    if (blocked !== undefined) options.onFound(blocked.by);
    const result = measured(text, blocked?.by.rule);
    forget();
    return result;
  };
  return {
    push: (text) => {
      if (blockedBy !== undefined) return { text: '', blockedBy };
      buffer += text;
      const open = Math.min(origin + buffer.length, ...followed.map(({ matches }) => matches.read(text)));
      return releaseTo(open - origin, followed.filter(({ matches }) => matches.seen()));
    },
    end: (text = '') => {
      if (blockedBy !== undefined) return { text: '', blockedBy };
      buffer += text;
      return releaseTo(buffer.length, followed);
    },
  };
}

/** The whole text through the filter at once. */
export function filterText(text: string, options: FilterOptions): Released {
  // That a rule finds nothing is known much sooner than where it would.
  const rules = options.rules.filter(({ detector }) => detector.isIn(text));
  if (rules.length === 0) return bounded(options.shown?.(0, text.length) ?? text, options.longest, 0);
  return createTextFilter({ ...options, rules }).end(text);
}
