import { type Peer, peers } from './peer-process.ts';
import type { PeerView } from './peer-program.ts';

export interface TrialResult {
  readonly peer: Peer;
  readonly trial: string;
  /** Whether it was about what the peer knew in the end, or only about how it stopped. */
  readonly judged: 'convergence' | 'stop';
  /** How often the fault struck. */
  readonly strikes: number;
  /** What the peer knew wrongly in the end. */
  readonly differences: readonly string[];
  /** From the last change, milliseconds. */
  readonly settledMs: number;
  /** How the process ended by itself; undefined when it did not. */
  readonly exited: string | undefined;
  /** How it ended by itself when it was told to stop watching. */
  readonly exitedOnStop: string | undefined;
  /** Watches that were open three seconds after it was told to stop. */
  readonly leaked: number;
}

/** What `view` lacks, holds in an old state, or holds though it is gone. */
export function differencesOf(view: PeerView | undefined, server: PeerView): readonly string[] {
  if (view === undefined) return ['nothing is known: the process is gone'];
  const names = (what: string, found: readonly string[]) => (found.length === 0 ? [] : [`${found.length} ${what}`]);
  return [
    ...names('missing', Object.keys(server).filter((name) => view[name] === undefined)),
    ...names('stale', Object.keys(server).filter((name) => view[name] !== undefined && view[name] !== server[name])),
    ...names('deleted ones kept', Object.keys(view).filter((name) => server[name] === undefined)),
  ];
}

/** One cell of the table. */
export function verdictOf(result: TrialResult): string {
  if (result.strikes === 0) return 'not met';
  const end = result.exited === undefined
    ? result.judged === 'stop' ? 'stops' : result.differences.length === 0 ? 'converges' : `never converges: ${result.differences.join(', ')}`
    : `**exits**, ${result.exited}`;
  const leak = result.leaked > 0 ? `; leaks ${result.leaked} watch${result.leaked === 1 ? '' : 'es'} after stop` : '';
  const stop = result.exitedOnStop === undefined ? '' : `; stop ends the process, ${result.exitedOnStop}`;
  return `${end}${leak}${stop}`;
}

/** A Markdown table: a row per trial, a column per peer. */
export function resultTable(results: readonly TrialResult[]): string {
  const rows = [...new Set(results.map(({ trial }) => trial))].map((trial) => {
    const cells = peers.map((peer) => results.find((result) => result.trial === trial && result.peer === peer)).map((result) => (result ? verdictOf(result) : 'not run'));
    return `| ${[trial, ...cells].join(' | ')} |`;
  });
  return [`| fault | @sluice/kube | client-node makeInformer | @dot-i/k8s-operator |`, '|---|---|---|---|', ...rows].join('\n');
}
