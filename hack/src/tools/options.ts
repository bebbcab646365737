import type { Clock } from '../progress/clock.ts';
import type { Progress } from '../progress/progress.ts';

export interface ToolsOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Overrides `SLUICE_CACHE`, `XDG_CACHE_HOME/sluice` and `~/.cache/sluice`. */
  readonly cacheRoot?: string;
  readonly clock?: Clock;
}
