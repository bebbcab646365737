import type { IntegrationLane } from './integration-lanes.ts';
import { NOTHING, type TierContext, type TierResult, type TimedPart } from './tier.ts';

export interface LaneRunner {
  readonly run: (project: string, context: TierContext, onLine: (line: string) => void) => Promise<TierResult>;
  readonly print: (line: string) => void;
}

const LONGEST = 5;
const LABEL_WIDTH = 'api-server'.length;

/** Runs the lanes side by side, each line of output behind the name of its lane. All of them have ended when it returns or throws. */
export async function runLanes(lanes: readonly IntegrationLane[], context: TierContext, runner: LaneRunner): Promise<TierResult> {
  const results = await Promise.all(lanes.map(async (lane) => runLane(lane, context, runner)));
  context.signal.throwIfAborted();
  const sum = (pick: (result: TierResult) => number): number => results.reduce((total, { result }) => total + pick(result), 0);
  const files = results.flatMap(({ result }) => result.longest);
  return {
    passed: sum((result) => result.passed),
    failed: sum((result) => result.failed),
    skipped: sum((result) => result.skipped),
    remarks: results.flatMap(({ result }) => result.remarks),
    longest: [...results.map(({ part }) => part), ...files.toSorted((left, right) => right.seconds - left.seconds).slice(0, LONGEST)],
  };
}

/** Never rejects: the other lanes are not left alone when one cannot run. */
async function runLane(lane: IntegrationLane, context: TierContext, { run, print }: LaneRunner): Promise<{ readonly result: TierResult; readonly part: TimedPart }> {
  const tell = (line: string): void => print(`${lane.label.padEnd(LABEL_WIDTH)} | ${line}`.trimEnd());
  const began = context.clock.monotonicMs();
  const result = await run(lane.project, { ...context, env: { ...context.env, ...lane.env } }, tell).catch((error: unknown): TierResult => {
    return { ...NOTHING, failed: 1, remarks: [`the lane ${lane.label} could not run: ${error instanceof Error ? error.message : String(error)}`] };
  });
  const seconds = (context.clock.monotonicMs() - began) / 1000;
  tell(`=== ${result.passed} passed, ${result.failed} failed, ${seconds.toFixed(1)} s`);
  return { result, part: { name: `the lane ${lane.label}`, seconds } };
}
