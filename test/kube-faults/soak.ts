import { cpus } from 'node:os';
import { judgeSoak, longBounds } from './soak/judge.ts';
import { runSoak } from './soak/run-soak.ts';

// node test/kube-faults/soak.ts [minutes, default 20] [changes per second, default 200]: constant change with periodic faults; ends with 1 when
// the memory of the process under test was not flat over the second half.
const [minutes = 20, changesPerSecond = 200] = process.argv.slice(2).map(Number);
if (!(minutes >= 2) || !(changesPerSecond > 0)) throw new Error(`'${process.argv.slice(2).join(' ')}' is not 'minutes changes-per-second'; write numbers such as 20 200, at least 2 minutes`);

const say = (line: string) => void process.stdout.write(`${line}\n`);
say(`${minutes} minutes at ${changesPerSecond} changes a second; Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`);
const outcome = await runSoak({
  ms: minutes * 60_000, changesPerSecond, sampleMs: 10_000, resetMs: 37_000, relistMs: 71_000, restartMs: 240_000, onSample: say,
});
const { figures } = outcome;
const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
say(`changes ${outcome.changes}, events ${outcome.events}, resets ${outcome.resets}, relists ${outcome.relists}, API server restarts ${outcome.restarts}, faults survived ${outcome.survived}`);
say(`second half: heap ${mebibytes(figures.heapPerMinute)} a minute (most ${mebibytes(figures.heapMaxBytes)}), resident ${mebibytes(figures.rssPerMinute)} a minute (most ${mebibytes(figures.rssMaxBytes)}), at most ${figures.sockets} sockets and ${figures.timers} timers`);
const grown = judgeSoak(figures, longBounds);
for (const each of grown) say(each);
say(grown.length === 0 ? 'flat, and converged' : 'not flat');
if (grown.length > 0 || outcome.exitCode !== 0) process.exitCode = 1;
