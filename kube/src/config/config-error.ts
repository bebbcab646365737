import { KubeError } from '../kube-error.ts';

/** A KubeError about configuration; `message` names what is wrong and what to write instead. */
export function configError(message: string, cause?: unknown): KubeError {
  return new KubeError({ code: 0, reason: 'Config', message, cause });
}
