import type { Passage } from '../knowledge/passage.ts';
import type { ModelCaller, TokenUsage } from '../providers/model-client.ts';
import type { CompiledRules, TopicRule } from './compiled-rules.ts';
import type { ObserveRule } from './rule-effect.ts';
import { filterSeeing } from './disguise-filter.ts';
import type { FilterRule } from './text-filter.ts';
import { readingsOf, type TopicClassifier } from './topic-classifier.ts';

/** What the rules let through of a text. */
export type Judgement = { readonly kind: 'passed'; readonly text: string; /** A rule that struck something out of it. */ readonly struckBy?: string } | { readonly kind: 'blocked'; readonly rule: string };

export interface JudgeOptions {
  readonly observe: ObserveRule;
}

export interface JudgeTopicOptions extends JudgeOptions {
  readonly classifier: TopicClassifier;
  readonly caller: ModelCaller;
  readonly signal: AbortSignal;
  readonly onUsage?: ((usage: TokenUsage) => void) | undefined;
}

const effectNames = { block: 'blocked', redact: 'redacted', observe: 'observed' } as const;

/** Tells the observer what a part rule did. */
export function tellFound(observe: ObserveRule): (rule: FilterRule) => void {
  return ({ rule, effect }) => observe({ rule, effect: effectNames[effect.kind] });
}

/** Every rule that needs nothing but the text. */
export function judgeText(text: string, rules: CompiledRules, { observe }: JudgeOptions): Judgement {
  for (const { rule, action, isBroken } of rules.whole) {
    if (!isBroken(text)) continue;
    observe({ rule, effect: action === 'Observe' ? 'observed' : 'blocked' });
    if (action !== 'Observe') return { kind: 'blocked', rule };
  }
  const tell = tellFound(observe);
  let struckBy: string | undefined;
  const onFound = (found: FilterRule): void => {
    if (found.effect.kind === 'redact') struckBy ??= found.rule;
    tell(found);
  };
  const released = filterSeeing(text, { rules: rules.parts, longest: rules.longest, onFound });
  if (released.blockedBy === undefined) return { kind: 'passed', text: released.text, ...(struckBy === undefined ? {} : { struckBy }) };
  // A part that blocks has been told already; the longest size is no part.
  if (released.blockedBy === rules.longest?.rule) observe({ rule: released.blockedBy, effect: 'blocked' });
  return { kind: 'blocked', rule: released.blockedBy };
}

/** Strikes out of a text what the rules strike out of a longer one that it is a part of or goes with; undefined for a text that they do not allow. */
export type Strike = (text: string) => string | undefined;

export function strikeOf(rules: CompiledRules, observe: ObserveRule = () => {}): Strike {
  const parts: CompiledRules = { ...rules, whole: [], longest: undefined };
  return (text) => {
    const judgement = judgeText(text, parts, { observe });
    return judgement.kind === 'passed' ? judgement.text : undefined;
  };
}

/** What the rules let through of passages: not those whose very mark they change, and of the others no title or address that they do not allow. */
export function struckPassages(passages: readonly Passage[], strike: Strike): readonly Passage[] {
  const struck = (text: string | undefined): string | undefined => (text === undefined ? undefined : strike(text));
  return passages.flatMap((passage) => (strike(passage.mark) === passage.mark ? [{ ...passage, title: struck(passage.title), url: struck(passage.url) }] : []));
}

function isOffTopic({ allowed, denied }: TopicRule, topic: string | undefined): boolean {
  if (denied.some(({ name }) => name === topic)) return true;
  return allowed.length > 0 && !allowed.some(({ name }) => name === topic);
}

/** The rule whose topic the text is not about, or undefined. Throws what the classifier throws. */
export async function judgeTopics(text: string, rules: readonly TopicRule[], { observe, classifier, caller, signal, onUsage }: JudgeTopicOptions): Promise<string | undefined> {
  for (const each of rules) {
    const options = { topics: [...each.allowed, ...each.denied], model: each.model, caller, signal, onUsage };
    const topics = await Promise.all(readingsOf(text).map(async (part) => await classifier.classify(part, options)));
    if (!topics.some((topic) => isOffTopic(each, topic))) continue;
    observe({ rule: each.rule, effect: each.action === 'Observe' ? 'observed' : 'blocked' });
    if (each.action !== 'Observe') return each.rule;
  }
  return undefined;
}
