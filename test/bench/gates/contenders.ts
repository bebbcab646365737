import { argoRollouts } from './argo-rollouts.ts';
import { type Cell, marginPoints } from './cells.ts';
import { flagger } from './flagger.ts';
import type { Rule } from './rule.ts';
import { sluice } from './sluice.ts';

/** The rules that a cell is decided by. Tuned: a threshold of the true baseline less the margin, which takes knowledge that users rarely have. */
export function contenders(cell: Cell): readonly Rule[] {
  const tuned = 1 - cell.model.baseline - marginPoints / 100;
  return [
    sluice('sluice', 'Sluice, anytime', cell, 'None'),
    sluice('sluice-defaults', 'Sluice, defaults (15 min, settle 1 min)', cell, 'Defaults'),
    argoRollouts('argo-95', 'Argo >= 95 %, limit 3, 5m every 1m', { threshold: 0.95, failureLimit: 3, interval: 1, window: 5 }),
    argoRollouts('argo-docs', 'Argo >= 95 %, limit 3, 5m every 5m', { threshold: 0.95, failureLimit: 3, interval: 5, window: 5 }),
    argoRollouts('argo-tuned', 'Argo tuned, limit 3, 5m every 5m', { threshold: tuned, failureLimit: 3, interval: 5, window: 5 }),
    flagger('flagger-99', 'Flagger >= 99 %, threshold 5', { threshold: 0.99, failedChecks: 5, steps: 10 }),
    flagger('flagger-tuned', 'Flagger tuned, threshold 5', { threshold: tuned, failedChecks: 5, steps: 10 }),
  ];
}

/** Ours, whose stated risk is held against what is counted. */
export const statedRisk: Readonly<Record<string, number>> = { sluice: 0.05, 'sluice-defaults': 0.05 };
