import { createServer } from 'node:http';
import { connectionTo } from '../../testing/connection.ts';
import { Operator } from '../operator.ts';

// A program of an operator that leads and whose metrics server would keep the process alive, for tests. Its author knows start() and stop() only.

const [server = ''] = process.argv.slice(2);

class Leading extends Operator {
  protected async init(): Promise<void> {}
}

createServer().listen(0, '127.0.0.1');
const operator = new Leading(undefined, {
  connection: connectionTo(server),
  leaderElection: { lease: { namespace: 'ns', name: 'leading' }, identity: 'the process', leaseDurationMs: 1_500, renewDeadlineMs: 1_000, retryPeriodMs: 100 },
});
process.once('SIGTERM', () => operator.stop());
await operator.start();
