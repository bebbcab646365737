/** Time as the runtime sees it. Injected everywhere, so that tests decide when time passes. */
export type { Clock } from '@sluice/evals/deadline';
