import { seededRandom, type Random } from '../seeded-random.ts';
import { RuleBook } from './rule-book.ts';
import type { Script } from './script.ts';

/** The script in force, with the counters and the random sequence that belong to it. */
export interface ScriptedState {
  readonly script: Script;
  readonly rules: RuleBook;
  readonly random: Random;
}

/** Holds the state in force; replacing the script starts counters and random sequence anew. */
export class ScriptHolder {
  readonly #initial: Script;
  #state: ScriptedState;

  constructor(initial: Script) {
    this.#initial = initial;
    this.#state = stateOf(initial);
  }

  get current(): ScriptedState {
    return this.#state;
  }

  replace(script: Script): void {
    this.#state = stateOf(script);
  }

  /** Back to the script that the simulator started with. */
  reset(): void {
    this.#state = stateOf(this.#initial);
  }
}

function stateOf(script: Script): ScriptedState {
  const random = seededRandom(script.seed);
  return { script, random, rules: new RuleBook(script.rules, random) };
}
