import { FaultStage } from './fault-stage.ts';
import { runSeed } from './convergence/run-seed.ts';
import type { FaultKind } from './proxy/fault.ts';

// node test/kube-faults/main.ts [first seed] [how many] [side by side]: random runs, one line each; ends with 1 when one of them failed.
const [first = 1, count = 10, lanes = 2] = process.argv.slice(2).map(Number);
const seeds = Array.from({ length: count }, (_, index) => first + index);
const struck = new Map<FaultKind, number>();
const failed: number[] = [];
process.on('unhandledRejection', (error) => {
  console.error('unhandled rejection', error);
  process.exitCode = 1;
});

const stage = await FaultStage.open();
try {
  await Promise.all(Array.from({ length: lanes }, work));
} finally {
  await stage.close();
}
console.log(`${count - failed.length} of ${count} seeds converged${failed.length === 0 ? '' : `; failed: ${failed.join(', ')}`}`);
console.log(`faults: ${[...struck].map(([kind, times]) => `${kind} ${times}`).toSorted((left, right) => left.localeCompare(right)).join(', ')}`);
if (failed.length > 0) process.exitCode = 1;

async function work(): Promise<void> {
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    try {
      const outcome = await runSeed(stage, { seed, faultMs: 6_000 });
      for (const [kind, times] of outcome.struck) struck.set(kind, (struck.get(kind) ?? 0) + times);
      const strikes = [...outcome.struck.values()].reduce((sum, times) => sum + times, 0);
      console.log(`seed ${seed}: ${outcome.changes} changes, ${strikes} faults, ${outcome.requests} requests, ${outcome.objects} objects, ${outcome.contradictions.length} contradictions`);
      for (const each of outcome.contradictions) console.log(`  ${each}`);
      if (outcome.contradictions.length > 0) failed.push(seed);
    } catch (error) {
      failed.push(seed);
      console.log(`seed ${seed}: failed`, error);
    }
  }
}
