import process from 'node:process';
import { runArguments } from './commands/run-command.ts';

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

const exitCode = await runArguments(process.argv.slice(2), {
  environment: process.env,
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
  onStopSignal: (handler) => {
    for (const signal of stopSignals) process.on(signal, handler);
    return () => {
      for (const signal of stopSignals) process.off(signal, handler);
    };
  },
});

// Ends at once: open connections of clients and providers must not hold a process that is done.
process.exit(exitCode);
