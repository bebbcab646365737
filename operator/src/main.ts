import { hostname } from 'node:os';
import { stopSignal, systemRandom } from '@sluice/kube';
import { ConfigError, readConfig } from './config.ts';
import { Operator } from './operator.ts';
import { processIdentity } from './process-identity.ts';
import { liveFrugally } from './small-heap.ts';

/** Exit codes: 0 after an orderly stop, 1 when it can't start or lost its lease. */
async function main(): Promise<number> {
  liveFrugally();
  const stop = stopSignal(process, () => process.exit(1));
  const identity = processIdentity({ hostname: hostname(), pid: process.pid, random: systemRandom });
  const operator = new Operator(readConfig(process.env, { processIdentity: identity }), process.env);
  return operator.run({ signal: stop.signal });
}

try {
  process.exitCode = await main();
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof ConfigError ? 'The configuration is wrong:\n' : 'The operator cannot run: '}${sentence}\n`);
  process.exitCode = 1;
}
