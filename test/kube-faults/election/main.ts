import { FaultStage } from '../fault-stage.ts';
import { pausePastLease, Succession } from './succession.ts';
import { lateWrites, writersOf } from './write-order.ts';

// node test/kube-faults/election/main.ts [rounds] [none|version] [pause ms] [writers]: pauses leaders past their lease in the midst of their
// writes, and says which writes came from one who had been succeeded.
const [rounds = '10', precondition = 'none', pauseMs = '0', writers = '4'] = process.argv.slice(2);
if (precondition !== 'none' && precondition !== 'version') throw new Error(`the second argument is '${precondition}'; write none or version`);

const stage = await FaultStage.open();
const succession = new Succession({ stage, namespace: 'succession', writers: Number(writers), pauseMs: Number(pauseMs), precondition });
try {
  await succession.open();
  for (let round = 1; round <= Number(rounds); round += 1) {
    const { code } = await pausePastLease(succession, 'at any moment');
    console.log(`round ${round}: ${succession.writes.length} writes of ${writersOf(succession.writes).length} leaders, ${lateWrites(succession.writes).length} late; the paused one ended with ${code}`);
  }
  for (const { late, after } of lateWrites(succession.writes)) console.log(`late: ${JSON.stringify(late)} after ${JSON.stringify(after)}`);
} finally {
  await succession.close();
  await stage.close();
}
