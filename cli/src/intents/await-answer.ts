import type { HandledIntent, Intent } from '@sluice/crds';
import type { AgentView } from '../agent-view.ts';
import { CliError } from '../cli-error.ts';
import type { Cluster } from '../cluster.ts';
import { exitCode } from '../exit-code.ts';
import { readLeases, silentLease } from '../operator-lease.ts';
import { followAgent } from '../status/follow.ts';
import type { Surroundings } from '../surroundings.ts';
import { timeSpan } from '../terminal/time-span.ts';

export interface Question {
  readonly release: string;
  readonly intent: Intent;
  readonly timeoutMs: number;
}

/** Waits until the operator echoes the request id. Throws CliError when it does not in time, or when another intent took its place. */
export async function awaitAnswer(cluster: Cluster, view: AgentView, question: Question, surroundings: Surroundings): Promise<HandledIntent> {
  const timeout = new AbortController();
  const timer = surroundings.clock.setTimer(question.timeoutMs, () => timeout.abort(new Error('no answer in time')));
  const signal = AbortSignal.any([surroundings.signal, timeout.signal]);
  try {
    for await (const { releases } of followAgent(cluster, view, { ...surroundings, signal })) {
      const release = releases.find(({ metadata }) => metadata.name === question.release);
      const handled = release?.status?.handledIntent;
      if (handled?.requestId === question.intent.requestId) return handled;
      const standing = release?.spec.intent;
      if (standing !== undefined && standing.requestId !== question.intent.requestId) throw overtaken(question, standing);
    }
  } finally {
    timer.cancel();
  }
  surroundings.signal.throwIfAborted();
  const leases = await readLeases(cluster, surroundings);
  throw unanswered(question, silentLease({ ...view, leases }, cluster.clock.now()));
}

function overtaken({ intent }: Question, by: Intent): CliError {
  return new CliError(`${intent.verb} was not answered before ${by.by ?? 'somebody'} asked for ${by.verb}; look again and ask anew`, { exitCode: exitCode.bad });
}

/** `silent`: what tells that the operator does not run, where it is known. */
function unanswered({ release, intent, timeoutMs }: Question, silent: string | undefined): CliError {
  const causes = silent === undefined ? 'the operator does not run, does not watch this namespace, or is older than this program' : `it does not run (${silent})`;
  return new CliError(`the operator did not answer ${intent.verb} of ${release} within ${timeSpan(timeoutMs)}: ${causes}. The intent stands and is answered when it can be`, { exitCode: exitCode.noAnswer });
}
