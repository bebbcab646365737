import { configError } from './config-error.ts';
import { type Entry, type ExecSpec, type Fields, isFields, textOf } from './kubeconfig-file.ts';

const SUPPORTED = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/** Checks `users[].user.exec`. Throws KubeError (reason `Config`) naming the field. */
export function readExecSpec(user: Entry, exec: Fields): ExecSpec {
  const where = `kubeconfig '${user.source}': users['${user.name}'].exec`;
  const apiVersion = textOf(exec['apiVersion']);
  if (apiVersion === undefined || !SUPPORTED.includes(apiVersion)) {
    throw configError(`${where}.apiVersion is '${String(exec['apiVersion'])}'; use one of ${SUPPORTED.join(', ')}`);
  }
  const command = textOf(exec['command']);
  if (command === undefined) throw configError(`${where}.command is missing; name the program to run`);
  if (exec['interactiveMode'] === 'Always') {
    throw configError(`${where}.interactiveMode is 'Always' but there is no terminal here; use 'IfAvailable' or 'Never'`);
  }
  const args = Array.isArray(exec['args']) ? (exec['args'] as unknown[]).map(String) : [];
  return {
    apiVersion, command, args, env: readEnv(exec['env']), source: user.source,
    provideClusterInfo: exec['provideClusterInfo'] === true, installHint: textOf(exec['installHint']),
  };
}

function readEnv(list: unknown): Record<string, string> {
  const env: Record<string, string> = {};
  for (const item of Array.isArray(list) ? (list as unknown[]) : []) {
    if (isFields(item) && typeof item['name'] === 'string') env[item['name']] = textOf(item['value']) ?? '';
  }
  return env;
}
