import { expect, test } from 'vitest';
import { kubectlAt, KubectlError } from './kubectl.ts';

test('a program that ends without reading its input fails the call, and not the process that calls', async () => {
  // Node knows no --kubeconfig and ends at once; no pipe holds that much.
  const call = kubectlAt(process.execPath, 'none')(['apply', '-f', '-'], { signal: new AbortController().signal, input: 'x'.repeat(4_000_000) });
  await expect(call).rejects.toThrow(KubectlError);
  await expect(call).rejects.toThrow('kubectl apply -f - ended with 9');
});
