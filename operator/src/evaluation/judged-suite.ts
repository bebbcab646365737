import type { EvalRun, EvalSuiteSpec } from '@sluice/crds';
import type { JudgedSuite } from '../gates/index.ts';

/** What of the frozen suite a verdict depends on. */
export function judgedSuite({ spec }: EvalRun, { cases, casesFrom }: EvalSuiteSpec): JudgedSuite {
  return { name: spec.suite.name, cases, ...(casesFrom === undefined ? {} : { more: 'InFiles' as const }) };
}
