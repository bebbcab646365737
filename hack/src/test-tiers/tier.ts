import type { Clock } from '../progress/clock.ts';

/** What one tier found. A static check counts as one test. */
export interface TierResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed or was skipped, a line each. */
  readonly remarks: readonly string[];
  /** Where the tier's time went, the longest first. */
  readonly longest: readonly TimedPart[];
}

export interface TimedPart {
  readonly name: string;
  readonly seconds: number;
}

export interface TierContext {
  readonly repository: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: NodeJS.WriteStream;
}

export interface Tier {
  readonly name: TierName;
  readonly title: string;
  /** Why it cannot run on this machine; undefined where it can. */
  hindrance(context: TierContext): Promise<string | undefined>;
  run(context: TierContext): Promise<TierResult>;
}

export const TIER_NAMES = ['types', 'lint', 'generated', 'unit', 'integration', 'e2e'] as const;
export type TierName = (typeof TIER_NAMES)[number];

export const NOTHING: TierResult = { passed: 0, failed: 0, skipped: 0, remarks: [], longest: [] };

export async function nothingHinders(): Promise<undefined> {
  return undefined;
}
