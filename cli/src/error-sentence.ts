import { KubeError } from '@sluice/kube';
import { CliError } from './cli-error.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { printable } from './terminal/printable.ts';

export interface Failure {
  /** One line for the user. */
  readonly sentence: string;
  readonly exitCode: ExitCode;
}

/** What to tell the user of an error: never a stack trace. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return { sentence: printable(error.message), exitCode: error.exitCode };
  if (error instanceof KubeError) return { sentence: printable(clusterSentence(error)), exitCode: exitCode.unavailable };
  return { sentence: printable(`something unforeseen went wrong: ${error instanceof Error ? error.message : String(error)}`), exitCode: exitCode.unavailable };
}

function clusterSentence({ code, reason, message }: KubeError): string {
  if (code === 401) return `the cluster does not accept the credentials of the kubeconfig; log in again or choose another --context: ${message}`;
  if (code === 403) return `you may not read this; ask for the right to get, list and watch agentdeployments and releases: ${message}`;
  if (code === 404) return `the cluster does not know the kinds of sluice.dev; install Sluice or choose another --context: ${message}`;
  if (code === 0 && reason !== 'Config') return `the cluster does not answer; check --context and the network: ${message}`;
  return code === 0 && /kubeconfig/.test(message) ? `${message} (it is named by --kubeconfig PATH, else by the variable KUBECONFIG, else it is ~/.kube/config)` : message;
}
