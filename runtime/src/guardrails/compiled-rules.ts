import type { InputRule, OutputRule, PersonalDataKind, ToolRule } from '@sluice/crds';
import { detectorOf, type Detector } from './detector.ts';
import { compileJsonRule } from './json-rule.ts';
import { compileLinear } from './linear-pattern.ts';
import { normalisedText } from './normalised-text.ts';
import { personalDataDetector, replacementFor } from './personal-data.ts';
import { createInjectionDetector } from './prompt-injection.ts';
import type { FilterRule, FoundEffect } from './text-filter.ts';
import type { Topic } from './topic-classifier.ts';
import { folded, lookFor, type Look } from './undisguised.ts';

type RuleAction = InputRule['action'];

/** A rule that judges a text as a whole. */
export interface WholeRule {
  readonly rule: string;
  readonly action: RuleAction;
  readonly isBroken: (text: string) => boolean;
}

export interface TopicRule {
  readonly rule: string;
  readonly action: RuleAction;
  readonly allowed: readonly Topic[];
  readonly denied: readonly Topic[];
  readonly model: string | undefined;
}

export interface CitationRule {
  readonly rule: string;
  readonly action: RuleAction;
  readonly atLeast: number;
}

export interface LongestRule {
  readonly rule: string;
  readonly characters: number;
}

/** The rules for one text, sorted by what they need to know of it. */
export interface CompiledRules {
  /** Judge parts: they can go along with a text that comes in pieces. */
  readonly parts: readonly FilterRule[];
  readonly longest: LongestRule | undefined;
  readonly whole: readonly WholeRule[];
  readonly topics: readonly TopicRule[];
  readonly citations: readonly CitationRule[];
}

type AnyRule = Partial<Pick<OutputRule, 'size' | 'allow' | 'deny' | 'pii' | 'promptInjection' | 'jsonSchema' | 'topic' | 'citation'>> & { readonly name: string; readonly action: RuleAction };

const struckOut = '[REDACTED]';

function effectOf(action: RuleAction, replacement: string): FoundEffect {
  switch (action) {
    case 'Block':
      return { kind: 'block' };
    case 'Observe':
      return { kind: 'observe' };
    case 'Redact':
      return { kind: 'redact', replacement };
  }
}

function partRule({ name, action }: AnyRule, detector: Detector, replacement: string): FilterRule {
  return { rule: name, detector, effect: effectOf(action, replacement) };
}

/** Letters with marks can be put together in two ways; a pattern means both. */
function patternRule(rule: AnyRule, source: string): FilterRule {
  const pattern = source.normalize('NFC');
  return { ...partRule(rule, detectorOf(pattern), struckOut), look: lookFor(pattern) };
}

function partsOf(rule: AnyRule): readonly FilterRule[] {
  const patterns = rule.deny?.patterns ?? [];
  const kinds: readonly PersonalDataKind[] = rule.pii?.kinds ?? [];
  return [...patterns.map((source) => patternRule(rule, source)), ...kinds.map((kind) => partRule(rule, personalDataDetector(kind), replacementFor(kind)))];
}

function wholeOf({ name: rule, action, size, allow, promptInjection, jsonSchema }: AnyRule): readonly WholeRule[] {
  const found: WholeRule[] = [];
  const { minCharacters, maxCharacters } = size ?? {};
  if (minCharacters !== undefined) found.push({ rule, action, isBroken: ({ length }) => length < minCharacters });
  // One that blocks goes along with the text; this one counts only.
  if (maxCharacters !== undefined && action !== 'Block') found.push({ rule, action, isBroken: ({ length }) => length > maxCharacters });
  if (allow !== undefined) {
    const patterns = allow.patterns.map(compileLinear);
    found.push({ rule, action, isBroken: (text) => !patterns.some((pattern) => pattern.isIn(text)) });
  }
  if (promptInjection !== undefined) {
    const { isInjection } = createInjectionDetector(promptInjection.sensitivity);
    found.push({ rule, action, isBroken: isInjection });
  }
  if (jsonSchema !== undefined) {
    const fits = compileJsonRule(jsonSchema);
    found.push({ rule, action, isBroken: (text) => !fits(text) });
  }
  return found;
}

function longestOf(rules: readonly AnyRule[]): LongestRule | undefined {
  const limits = rules.flatMap(({ name, action, size }) => (size?.maxCharacters === undefined || action !== 'Block' ? [] : [{ rule: name, characters: size.maxCharacters }]));
  return limits.toSorted((left, right) => left.characters - right.characters)[0];
}

/** Throws PatternError or SchemaRuleError. */
export function compileRules(rules: readonly (InputRule | OutputRule | ToolRule)[]): CompiledRules {
  const all: readonly AnyRule[] = rules;
  return {
    parts: all.flatMap(partsOf),
    longest: longestOf(all),
    whole: all.flatMap(wholeOf),
    topics: all.flatMap(({ name, action, topic }) => (topic === undefined ? [] : [{ rule: name, action, allowed: topic.allowed ?? [], denied: topic.denied ?? [], model: topic.model }])),
    citations: all.flatMap(({ name, action, citation }) => (citation === undefined ? [] : [{ rule: name, action, atLeast: citation.atLeast }])),
  };
}

/**
 * Rules that also see a text without its disguise: blocked words of users that are hidden among characters that show nothing, or
 * written with letters of other scripts. Struck out is only what stands there as it is looked for.
 */
export function seenThrough({ parts, ...rest }: CompiledRules): CompiledRules {
  const blocking = parts.filter(({ effect }) => effect.kind === 'block');
  // All of them look at the same text one after the other.
  const last = new Map<Look, { readonly text: string; readonly seen: string }>();
  const seen = (text: string, look: Look): string => {
    const known = last.get(look);
    if (known?.text === text) return known.seen;
    const normalised = look === 'folded' ? folded(normalisedText(text)) : normalisedText(text);
    last.set(look, { text, seen: normalised });
    return normalised;
  };
  const disguised = blocking.map(({ rule, detector, look = 'folded' }): WholeRule => ({ rule, action: 'Block', isBroken: (text) => detector.isIn(seen(text, look)) }));
  return { ...rest, parts, whole: [...rest.whole, ...disguised] };
}
