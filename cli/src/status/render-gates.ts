import type { ObjectiveVerdict, Release } from '@sluice/crds';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { planOf } from '@sluice/operator/src/release/plan.ts';
import type { Branch } from '../terminal/tree.ts';
import { type GateWord, objectiveWord, suiteWord } from './gate-word.ts';
import { paintOf } from './paint.ts';
import type { RenderOptions } from './render.ts';

/** One gate of a release: what the plan asks for, and what is known of it. */
export interface GateState {
  readonly kind: 'Suite' | 'Objective';
  readonly name: string;
  /** Not set: nothing is known yet. */
  readonly verdict?: ObjectiveVerdict;
  /** What of it people are shown. */
  readonly word?: GateWord;
  readonly message: string;
}

const notYet = 'not measured yet';

/** What is known of the gates, and, while the release is on its way, those of its plan that nothing is known of yet. */
export function gatesOf(release: Pick<Release, 'spec' | 'status'>): GateState[] {
  const { evals = [], objectives = [] } = isTerminal(release.status?.phase) ? {} : (planOf(release)?.gates ?? {});
  const { evaluations: suites = [], objectives: levels = [] } = release.status ?? {};
  return [
    ...suites.map(({ suite, attempt, verdict, message }): GateState => ({ kind: 'Suite', name: suite, verdict, word: suiteWord(release, { verdict, message }), message: attempt === 1 ? message : `${message} (attempt ${attempt})` })),
    ...evals.filter(({ suiteRef }) => !suites.some(({ suite }) => suite === suiteRef.name)).map(({ suiteRef }): GateState => ({ kind: 'Suite', name: suiteRef.name, message: notYet })),
    ...levels.map(({ name, verdict, message }): GateState => ({ kind: 'Objective', name, verdict, word: objectiveWord(release, { name, verdict }), message })),
    ...objectives.filter(({ name }) => !levels.some((result) => result.name === name)).map(({ name }): GateState => ({ kind: 'Objective', name, message: notYet })),
  ];
}

export function gateBranches(release: Release, { palette }: RenderOptions): Branch[] {
  return gatesOf(release).map(({ kind, name, word, message }): Branch => ({
    cells: [
      { text: `${kind} ${name}` },
      word === undefined ? { text: '-', paint: palette.faint } : { text: word, paint: paintOf(word, palette) },
      { text: message },
    ],
  }));
}
