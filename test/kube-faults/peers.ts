import { FaultStage } from './fault-stage.ts';
import { peers } from './peers/peer-process.ts';
import { runTrial, trials } from './peers/trial.ts';
import { resultTable, type TrialResult, verdictOf } from './peers/trial-result.ts';

// node test/kube-faults/peers.ts [part of a trial's name]: the same faults for @sluice/kube, client-node and @dot-i/k8s-operator, side by side,
// each in a process of its own; ends with a table.
const [part = ''] = process.argv.slice(2);
const TIMES = { changeMs: 10_000, patienceMs: 60_000 };
/** Trials at the same time, of three processes each. */
const LANES = 3;

const say = (line: string) => void process.stdout.write(`${line}\n`);
const chosen = trials.filter(({ name }) => name.includes(part));
const left = [...chosen];
const results: TrialResult[] = [];
const stage = await FaultStage.open();
try {
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let trial = left.shift(); trial !== undefined; trial = left.shift()) {
      const found = await Promise.all(peers.map((peer) => runTrial(stage, peer, trial, TIMES)));
      results.push(...found);
      for (const result of found) say(`${result.trial}, ${result.peer}: ${verdictOf(result)} (${result.strikes} strikes, ${Math.round(result.settledMs)} ms)`);
    }
  }));
} finally {
  await stage.close();
}
say(`\n${resultTable(chosen.flatMap(({ name }) => results.filter(({ trial }) => trial === name)))}`);
