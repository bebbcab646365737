import { KubeError } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { failureOf } from './error-sentence.ts';

function kubeError(code: number, reason: string): KubeError {
  return new KubeError({ code, reason, message: 'said the server' });
}

describe('an error becomes one sentence and an exit code', () => {
  it.each([
    ['our own', new CliError('NAME is missing', { exitCode: 64 }), 'NAME is missing', 64],
    ['bad credentials', kubeError(401, 'Unauthorized'), 'log in again', 69],
    ['no right', kubeError(403, 'Forbidden'), 'ask for the right to get, list and watch', 69],
    ['no Sluice', kubeError(404, 'NotFound'), 'install Sluice', 69],
    ['no answer', kubeError(0, 'Network'), 'the cluster does not answer', 69],
    ['a bad kubeconfig', kubeError(0, 'Config'), 'said the server', 69],
    ['a broken server', kubeError(500, 'InternalError'), 'said the server', 69],
    ['a bug', new TypeError('x is not a function'), 'something unforeseen went wrong: x is not a function', 69],
    ['no error at all', 'text', 'something unforeseen went wrong: text', 69],
  ] as const)('%s', (_title, error, says, code) => {
    const failure = failureOf(error);
    expect(failure.sentence).toContain(says);
    expect(failure.exitCode).toBe(code);
  });

  it('names what names the kubeconfig, when that cannot be used', () => {
    const error = new KubeError({ code: 0, reason: 'Config', message: "cannot read kubeconfig '/root/.kube/config'" });
    expect(failureOf(error).sentence).toBe("cannot read kubeconfig '/root/.kube/config' (it is named by --kubeconfig PATH, else by the variable KUBECONFIG, else it is ~/.kube/config)");
  });

  it('has no stack trace and no second line', () => {
    const error = new Error('first\nsecond\u001b[2J');
    expect(failureOf(error).sentence).toBe('something unforeseen went wrong: first second [2J');
  });
});
