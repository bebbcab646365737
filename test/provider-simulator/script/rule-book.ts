import type { Random } from '../seeded-random.ts';
import type { Rule } from './script.ts';

/** What a rule may look at. */
export interface CallFacts {
  readonly path: string;
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly toolNames: readonly string[];
  readonly stream: boolean;
  readonly toolResult: boolean;
}

export interface TakenRule {
  readonly index: number;
  readonly rule: Rule;
}

/** The rules of one script and how often each was used. */
export class RuleBook {
  readonly #rules: readonly Rule[];
  readonly #random: Random;
  readonly #uses: number[];

  constructor(rules: readonly Rule[], random: Random) {
    this.#rules = rules;
    this.#random = random;
    this.#uses = rules.map(() => 0);
  }

  /** The first rule that matches, is not spent and whose probability hits; it counts as used. */
  take(facts: CallFacts): TakenRule | undefined {
    const index = this.#rules.findIndex((rule, at) => matches(rule, facts) && (this.#uses[at] ?? 0) < (rule.times ?? Infinity) && this.#hits(rule));
    const rule = this.#rules[index];
    if (rule === undefined) return undefined;
    this.#uses[index] = (this.#uses[index] ?? 0) + 1;
    return { index, rule };
  }

  /** Uses of each rule, in the script's order. */
  uses(): readonly number[] {
    return [...this.#uses];
  }

  #hits(rule: Rule): boolean {
    return rule.probability === undefined || this.#random() < rule.probability;
  }
}

function matches({ match }: Rule, facts: CallFacts): boolean {
  return (
    (match.model === undefined || matchesModel(match.model, facts.model)) &&
    (match.systemContains === undefined || contains(facts.system, match.systemContains)) &&
    (match.userContains === undefined || contains(facts.user, match.userContains)) &&
    (match.path === undefined || match.path === facts.path) &&
    (match.tool === undefined || facts.toolNames.includes(match.tool)) &&
    (match.stream === undefined || match.stream === facts.stream) &&
    (match.toolResult === undefined || match.toolResult === facts.toolResult)
  );
}

function matchesModel(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model;
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
