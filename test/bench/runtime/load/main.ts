import { once } from 'node:events';
import { holdStreams } from './hold-streams.ts';
import type { LoadPlan } from './plan.ts';
import { runClosed, runRate } from './run-plan.ts';

// node load/main.ts PLAN: prints its result as one line of JSON.
const plan = JSON.parse(process.argv[2] ?? '') as LoadPlan;
const say = (result: object): void => void process.stdout.write(`${JSON.stringify(result)}\n`);

if (plan.kind === 'rate') say(await runRate(plan));
else if (plan.kind === 'closed') say(await runClosed(plan));
else {
  const held = await holdStreams(plan);
  say({ open: held.open(), failed: held.failed() });
  await once(process.stdin.resume(), 'end');
  say({ open: held.open(), failed: held.failed() });
  held.close();
}
process.exit(0);
